package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Each row of the files, the page of a post and its card say who can open it, and have
// the latest link to copy.
func TestBadges_SayWhoCanOpen(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	private := postFields()
	private.Set("visibility", "private")
	post := mara.write(private, part{"file", "regatta.txt", "", []byte("some notes")}, part{"file", "oars.txt", "", []byte("some more")})
	file := "/files/" + s.fileOf("mara", "regatta.txt")
	want := func(step, words, link string, paths ...string) {
		t.Helper()
		for _, path := range paths {
			page := mara.get(path).Body.String()
			if !strings.Contains(page, ">"+words+"<") {
				t.Errorf("%s: %s does not say %q:\n%s", step, path, words, page)
			}
			if copies := strings.Contains(page, `data-copy-link="`+link+`"`); link != "" && !copies {
				t.Errorf("%s: %s has no %s to copy:\n%s", step, path, link, page)
			}
		}
	}
	want("at first", "Only you", "", post, "/files", "/users/mara")

	made := mara.postForm("/shares", url.Values{"file_id": {strings.TrimPrefix(file, "/files/")}}).Header().Get("Location")
	link := s.linkOn(mara, made)
	want("with a link to a file", "1 link", link, post, "/files")
	want("with a link to a file", "Only you", "", "/users/mara")

	made = mara.postForm("/shares", url.Values{"post_id": {strings.TrimPrefix(post, "/posts/")}, "expires": {"2h"}}).Header().Get("Location")
	whole := s.linkOn(mara, made)
	mara.wantPage(post, `<noscript><a href="`+whole+`">The link to copy</a></noscript>`)
	want("with a link to both", "2 links", link, post, "/files")
	want("with a link to both", "1 link", whole, post, "/files")
	want("with a link to both", "1 link", "", "/users/mara")
	if page := s.registered("jonas").get("/users/mara").Body.String(); strings.Contains(page, "1 link") {
		t.Errorf("jonas sees it too:\n%s", page)
	}

	// The page about the file also has the links to its post, which its own button does not revoke.
	its := `These links open all files of <a href="` + post + `/access">its post</a>.`
	mara.wantPage(file+"/access", "Only you, and those who have one of the links below.", link, its, whole)
	mara.post(file+"/private", nil)
	mara.wantPage(file+"/access", "Only you, and those who have one of the links below.", `<span class="badge">revoked</span>`, its, whole)
	want("when the first is revoked", "1 link", whole, post, "/files")
	mara.wantPage("/files/"+s.fileOf("mara", "oars.txt")+"/access", "No link opens this file alone", its, whole)
	made = mara.postForm("/shares", url.Values{"file_id": {strings.TrimPrefix(file, "/files/")}}).Header().Get("Location")
	link = s.linkOn(mara, made)

	s.clock.advance(2 * time.Hour)
	want("when the second has expired", "1 link", link, post, "/files")
	want("when the second has expired", "Only you", "", "/users/mara")
	mara.wantPage(file+"/access", its, `<span class="badge">expired</span>`)
	mara.post(post+"/private", nil)
	mara.wantPage(file+"/access", "Only you.</p>")
	want("when all is private", "Only you", "", post, "/files", "/users/mara")

	for visibility, words := range map[string]string{"public": "Everyone", "unlisted": "Everyone with the link"} {
		fields := postFields()
		fields.Set("visibility", visibility)
		fields.Set("everyone", "yes")
		if got := mara.postForm(post+"/edit", fields); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", visibility, got.Code, got.Body)
		}
		want(visibility, words, post, post)
		want(visibility, words, "", "/files")
	}
}

// linkOn returns the link on the owner's page of a share.
func (s *site) linkOn(owner *browser, page string) string {
	s.t.Helper()
	_, rest, found := strings.Cut(owner.get(page).Body.String(), `<code id="share-link">`)
	link, _, _ := strings.Cut(rest, "<")
	if !found {
		s.t.Fatalf("%s has no link", page)
	}
	return link
}
