package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// A shared is a share that its owner has made, and what it opens.
type shared struct {
	owner *browser
	link  string // path for visitors
	page  string // path for the owner
	post  string // path of the post
	files []models.File
}

// A user who shares more files than a link can have gets the form back with all of them, and chooses.
func TestShare_OfTooManyFiles(t *testing.T) {
	ann := newSite(t).registered("ann")
	for _, path := range []string{"/", "/share"} {
		ann.wantPage(path, "Up to 10 files. ")
	}
	parts := make([]part, 11)
	for i := range parts {
		parts[i] = part{"file", "a.txt", "", []byte("hello")}
	}
	got := ann.postForm("/shares", nil, parts...)
	ids := regexp.MustCompile(`type="checkbox" name="file_ids" value="(\w+)" checked`).FindAllStringSubmatch(got.Body.String(), -1)
	if got.Code != http.StatusUnprocessableEntity || !holds(got.Body.String(), `href="#files">Choose at most 10 files.`) || len(ids) != 11 {
		t.Fatalf("%d, and %d files to choose from\n%s", got.Code, len(ids), got.Body)
	}
	fields := url.Values{}
	for _, id := range ids[1:] {
		fields.Add("file_ids", id[1])
	}
	if got := ann.postForm("/shares", fields); got.Code != http.StatusSeeOther {
		t.Errorf("10 of them: %d\n%s", got.Code, got.Body)
	}
}

// shareTwo shares two files, a JPEG and a text, with these options.
func (b *browser) shareTwo(options url.Values) shared {
	b.t.Helper()
	return b.shareFiles(options, part{"file", "regatta.jpg", "", drawJPEG(b.t, 400, 300)},
		part{"file", "minutes.txt", "", []byte("some notes")})
}

func (b *browser) shareFiles(options url.Values, parts ...part) shared {
	b.t.Helper()
	body, contentType := multipartForm(b.t, options, parts...)
	r := httptest.NewRequest(http.MethodPost, publicURL+"/shares", body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "application/json")
	got := b.do(r)
	var made struct{ URL, Page string }
	if err := json.Unmarshal(got.Body.Bytes(), &made); err != nil || got.Code != http.StatusCreated {
		b.t.Fatalf("sharing: %d\n%s", got.Code, got.Body)
	}
	one := shared{owner: b, link: strings.TrimPrefix(made.URL, publicURL), page: made.Page}
	id := models.ShareID(strings.TrimPrefix(made.Page, "/shares/"))
	share := must(b.db.ShareByID(b.t.Context(), id))(b.t).Share
	one.post = "/posts/" + string(*share.PostID)
	b.work(func() bool { // images are not listed before they are processed
		one.files = must(b.db.FilesOfShare(b.t.Context(), share))(b.t)
		return len(one.files) == len(parts)
	})
	return one
}

// routes returns every way in of the share: method and path.
func (sh shared) routes() (ways [][2]string) {
	first := sh.link + "/files/" + string(sh.files[0].ID)
	for _, path := range []string{
		sh.link, sh.link + "/zip", first + "/" + url.PathEscape(string(sh.files[0].Name)), first + "/thumbnail", first + "/thumbnail/1280",
		sh.link + "/files/" + string(sh.files[1].ID) + "/preview", first + "/preview",
	} {
		ways = append(ways, [2]string{http.MethodGet, path}, [2]string{http.MethodHead, path}, [2]string{"RANGE", path})
	}
	return append(ways, [2]string{http.MethodPost, sh.link})
}

// ask sends a request of routes as a page of the browser.
func (b *browser) ask(way [2]string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	method := way[0]
	if method == "RANGE" {
		method = http.MethodGet
		headers = append(headers, "Range", "bytes=1-")
	}
	var r *http.Request
	if method == http.MethodPost {
		r = httptest.NewRequest(method, publicURL+way[1], strings.NewReader("password=not+this+one"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(method, publicURL+way[1], nil)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

// Shares that do not open look alike on every way in, and tell nothing.
func TestShare_StatesLookAlike(t *testing.T) {
	states := map[string]func(s *site, sh shared) string{
		"never was":    func(_ *site, _ shared) string { return "/s/" + string(models.NewShareID()) },
		"malformed":    func(_ *site, _ shared) string { return "/s/short" },
		"revoked":      func(_ *site, sh shared) string { sh.owner.post(sh.page+"/revoke", nil); return sh.link },
		"expired":      func(s *site, sh shared) string { s.clock.advance(7 * 24 * time.Hour); return sh.link },
		"post deleted": func(_ *site, sh shared) string { sh.owner.post(sh.post+"/delete", nil); return sh.link },
		"made private": func(_ *site, sh shared) string { sh.owner.post(sh.post+"/private", nil); return sh.link },
		"owner leaves": func(s *site, sh shared) string {
			s.exec(`UPDATE users SET deletion_at = created_at WHERE username_key = 'mara'`)
			return sh.link
		},
		"suspended": func(s *site, sh shared) string {
			s.exec(`UPDATE users SET suspended_at = created_at WHERE username_key = 'mara'`)
			return sh.link
		},
		"file rejected": func(s *site, sh shared) string {
			s.exec(`UPDATE shares SET post_id = NULL, file_id = '` + string(sh.files[0].ID) + `'`)
			s.exec(`UPDATE files SET state = 'rejected'`)
			return sh.link
		},
		"post hidden": func(s *site, sh shared) string { s.exec(`UPDATE posts SET hidden_at = created_at`); return sh.link },
		"for others":  func(s *site, sh shared) string { s.exec(`UPDATE shares SET named = TRUE`); return sh.link },
		"used up": func(s *site, sh shared) string {
			s.exec(`UPDATE shares SET max_pickups = 1, picked_up = 1`)
			return sh.link
		},
		"used up, lock": func(s *site, sh shared) string {
			s.exec(`UPDATE shares SET max_pickups = 1, picked_up = 1, password = 'x'`)
			return sh.link
		},
	}
	for name, end := range states {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			sh := s.registered("mara").shareTwo(nil)
			jonas := s.registered("jonas")
			sh.link = end(s, sh)
			for _, way := range sh.routes() {
				got := jonas.ask(way, "Accept", "text/html")
				if got.Code != http.StatusGone {
					t.Errorf("%v: %d", way, got.Code)
				}
				if page := got.Body.String(); strings.Contains(page, "regatta") || strings.Contains(page, "minutes") || strings.Contains(page, "mara") {
					t.Errorf("%v tells of the share:\n%s", way, page)
				}
				if h := got.Header(); h.Get("Cache-Control") != "no-store" || strings.Contains(h.Get("Set-Cookie"), "share=") {
					t.Errorf("%v: %v", way, h)
				}
			}
		})
	}
}

// A locked share tells nothing on any way in before its password.
func TestShare_LockedTellsNothing(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareTwo(url.Values{"password": {"open sesame"}, "note": {"a hidden note"}, "preview": {"yes"}})
	guest := s.browser()
	for _, accept := range []string{"text/html", "*/*"} {
		for _, way := range sh.routes() {
			got := guest.ask(way, "Accept", accept)
			if got.Code != http.StatusUnauthorized {
				t.Errorf("%v, %s: %d", way, accept, got.Code)
			}
			page := got.Body.String()
			for _, word := range []string{"regatta", "minutes", "mara", "hidden note", "og:image"} {
				if strings.Contains(page, word) {
					t.Errorf("%v tells %q:\n%s", way, word, page)
				}
			}
			if says := holds(got.Body.String(), "-u :PASSWORD"); says != (accept != "text/html" && way[0] != http.MethodPost) {
				t.Errorf("%v, %s: it says how curl sends the password: %v", way, accept, says)
			}
			if basic := got.Header().Get("WWW-Authenticate"); (basic != "") != (accept != "text/html" && way[0] != http.MethodPost) {
				t.Errorf("%v, %s: WWW-Authenticate %q", way, accept, basic)
			}
		}
	}
	if got := guest.post(sh.link, url.Values{"password": {"open sesame"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("the right password: %d\n%s", got.Code, got.Body)
	}
	for _, way := range sh.routes()[:15] { // all but the text, which only a link without downloads has, and the POST
		if got := guest.ask(way, "Accept", "text/html"); got.Code != http.StatusOK && got.Code != http.StatusPartialContent {
			t.Errorf("%v after the password: %d", way, got.Code)
		}
	}
	other := s.browser()
	r := httptest.NewRequest(http.MethodGet, publicURL+sh.link+"/zip", nil)
	r.SetBasicAuth("", "open sesame")
	if got := other.do(r); got.Code != http.StatusOK {
		t.Errorf("by Basic: %d", got.Code)
	}
	// Another password closes it again for those who are in.
	sh.owner.post(sh.page, url.Values{"password": {"another word"}})
	if got := guest.ask([2]string{http.MethodGet, sh.link + "/zip"}, "Accept", "text/html"); got.Code != http.StatusUnauthorized {
		t.Errorf("with the old password: %d", got.Code)
	}
	sh.owner.post(sh.page, url.Values{"remove_password": {"yes"}})
	if got := s.browser().ask([2]string{http.MethodGet, sh.link}); got.Code != http.StatusOK {
		t.Errorf("without a password: %d", got.Code)
	}
}

// Passwords of a share are counted by share and address; other shares stay open.
func TestShare_UnlockIsLimited(t *testing.T) {
	s := newTransferSite(t, "unlock=3-M")
	mara := s.registered("mara")
	first, second := mara.shareTwo(url.Values{"password": {"open sesame"}}), mara.shareTwo(url.Values{"password": {"open sesame"}})
	guest := s.browser()
	for i, want := range []int{401, 401, 401, 429, 429} {
		if got := guest.post(first.link, url.Values{"password": {"wrong password"}}); got.Code != want {
			t.Errorf("attempt %d: %d, want %d", i+1, got.Code, want)
		}
	}
	if got := guest.post(first.link, url.Values{"password": {"open sesame"}}); got.Code != http.StatusTooManyRequests {
		t.Errorf("the right password over the limit: %d", got.Code)
	}
	r := httptest.NewRequest(http.MethodGet, publicURL+first.link+"/zip", nil)
	r.SetBasicAuth("", "open sesame")
	if got := guest.do(r); got.Code != http.StatusTooManyRequests {
		t.Errorf("by Basic over the limit: %d", got.Code)
	}
	if got := guest.post(second.link, url.Values{"password": {"open sesame"}}); got.Code != http.StatusSeeOther {
		t.Errorf("another share: %d", got.Code)
	}
}

// Links that open nothing are limited; a link that opens stays open.
func TestShare_MissesAreLimited(t *testing.T) {
	s := newTransferSite(t, "share-miss=3-M")
	sh := s.registered("mara").shareTwo(nil)
	guest := s.browser()
	for i, want := range []int{410, 410, 410, 429} {
		if got := guest.get("/s/" + string(models.NewShareID())); got.Code != want {
			t.Errorf("miss %d: %d, want %d", i+1, got.Code, want)
		}
	}
	if got := guest.get(sh.link); got.Code != http.StatusOK {
		t.Errorf("a link that opens: %d", got.Code)
	}
}

// exec runs a statement on the database of the site.
func (s *site) exec(query string) {
	s.t.Helper()
	if _, err := s.db.SQLPool().ExecContext(s.t.Context(), query); err != nil {
		s.t.Fatal(err)
	}
}
