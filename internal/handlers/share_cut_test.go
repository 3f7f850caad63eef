package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"example.org/cloakroom/internal/models"
)

// A download of one file through a link ends when the link may no longer open it.
func TestShare_CutsADownloadOfOneFile(t *testing.T) {
	ends := map[string]func(s *site, z runningZip) error{
		"revoked": func(s *site, z runningZip) error {
			return s.shares.Revoke(t.Context(), models.Actor{User: z.owner}, z.share)
		},
		"expired": func(s *site, z runningZip) error {
			s.exec(`UPDATE shares SET expires_at = created_at WHERE id = '` + string(z.share) + `'`)
			return nil
		},
		"locked":       func(s *site, z runningZip) error { return z.change(s, models.ShareInput{Password: "open sesame"}) },
		"only to show": func(s *site, z runningZip) error { return z.change(s, models.ShareInput{Permission: "preview"}) },
		"file deleted": func(s *site, z runningZip) error { return s.files.Delete(t.Context(), z.owner, z.ids[0]) },
		"file hidden": func(s *site, z runningZip) error {
			what := models.Subject{Kind: models.SubjectFile, ID: string(z.ids[0])}
			return s.moderation.Hide(t.Context(), models.Actor{}, what, "spam")
		},
	}
	s := newSite(t)
	tier := s.files.Policy.Get().Tiers[models.TierFree]
	tier.MaxFileSize, tier.Storage = zipMember, 2*zipMember
	s.files.Policy.Get().Tiers[models.TierFree] = tier
	var reading sync.WaitGroup
	for name, end := range ends {
		z := s.startZip(strings.ReplaceAll(name, " ", "_"), true)
		one := s.download(s.browser(), z.link+"/files/"+string(z.ids[0])+"/a.txt", "Accept: */*")
		if err := end(s, z); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		reading.Go(func() {
			if !one.isCut(zipMember) {
				t.Errorf("%s: the whole file came", name)
			}
		})
	}
	reading.Wait()
}

// A link opens what it is for, and nothing beside it: no other file of the same post, and
// no password in the address.
func TestShare_OpensNothingElse(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	sh := mara.shareTwo(nil)
	other := mara.shareTwo(nil)
	made := mara.postForm("/shares", url.Values{"file_id": {string(sh.files[0].ID)}}).Header().Get("Location")
	one := strings.TrimPrefix(s.linkOn(mara, made), publicURL)
	guest := s.browser()
	for link, files := range map[string][]models.File{one: {sh.files[1], other.files[0]}, sh.link: other.files} {
		for _, f := range files {
			for _, tail := range []string{"/" + string(f.Name), "/thumbnail", "/preview"} {
				if got := guest.get(link + "/files/" + string(f.ID) + tail); got.Code != http.StatusGone {
					t.Errorf("%s of another file: %d", tail, got.Code)
				}
			}
		}
	}
	if page := guest.get(one).Body.String(); strings.Contains(page, "minutes.txt") || !strings.Contains(page, "regatta.jpg") {
		t.Errorf("the page of the link to one file:\n%s", page)
	}
	if page := mara.get(sh.post + "/access").Body.String(); !strings.Contains(page, one) || !strings.Contains(page, sh.link) {
		t.Errorf("the page of the post does not list both links:\n%s", page)
	}
	locked := mara.shareTwo(url.Values{"password": {"open sesame"}})
	for _, query := range []string{"?password=open+sesame", "?p=open+sesame"} {
		if got := guest.get(locked.link + "/zip" + query); got.Code != http.StatusUnauthorized {
			t.Errorf("with %s: %d", query, got.Code)
		}
	}
}

// Chat apps get a picture only if the owner allows it, and names in no case.
func TestShare_PreviewOfTheLink(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	for preview, want := range map[string]bool{"": false, "yes": true} {
		sh := mara.shareTwo(url.Values{"preview": {preview}})
		page := s.browser().get(sh.link).Body.String()
		head, _, _ := strings.Cut(page, "</head>")
		if strings.Contains(head, "og:image") != want || !strings.Contains(head, "2 files, ") || !strings.Contains(head, "noindex") {
			t.Errorf("preview %q:\n%s", preview, head)
		}
	}
}

// The text before the secret is part of each form on the pages of a link, so it must be a
// name that a link can have: else a link could make a visitor's own form act elsewhere.
func TestLinks_OpenOnlyWithANameThatIsOne(t *testing.T) {
	s := newSite(t)
	mara, jonas := s.registered("mara"), s.registered("jonas")
	sh := mara.shareTwo(url.Values{"permission": {"comment"}, "password": {"open sesame"}})
	secret := sh.link[len("/s/"):]
	made := mara.post("/requests", url.Values{"title": {"Photos"}}).Header().Get("Location")
	asked := strings.TrimPrefix(s.linkOn(mara, made), publicURL+"/r/")
	for _, name := range []string{
		"..%2Fposts%2Fx%2Fdelete%3F-", "a%3Fb-", "a%23b-", "a%5Cb-", "a;b-", "a%0D%0Ab-", "A-", "a--b-", "-", "%2E%2E-",
	} {
		for _, path := range []string{"/s/" + name + secret, "/s/" + name + secret + "/zip", "/r/" + name + asked} {
			got := jonas.get(path)
			if got.Code != http.StatusGone || strings.Contains(got.Body.String(), `<form method="post" action="/s/`) {
				t.Errorf("%s: %d", path, got.Code)
			}
		}
		got := jonas.post("/s/"+name+secret, url.Values{"password": {"not this one"}})
		page := got.Body.String()
		if got.Code == http.StatusSeeOther || strings.Contains(page, `action="/s/..`) || strings.Contains(page, "/../") {
			t.Errorf("the form at %s: %d\n%s", name, got.Code, page)
		}
	}
	for _, name := range []string{"", "minutes-", "minutes-november-"} {
		if got := jonas.get("/s/" + name + secret); got.Code != http.StatusUnauthorized {
			t.Errorf("with the name %q: %d", name, got.Code)
		}
		if got := jonas.get("/r/" + name + asked); got.Code != http.StatusOK {
			t.Errorf("a request with the name %q: %d", name, got.Code)
		}
	}
	// A password counts in the body alone.
	if got := jonas.post(sh.link+"?password=open+sesame", nil); got.Code != http.StatusUnauthorized {
		t.Errorf("a password in the address: %d", got.Code)
	}
}
