package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Only its owner sees, changes or revokes a share, or makes one of a post or file.
func TestShare_IsItsOwnersAlone(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareTwo(nil)
	jonas := s.registered("jonas")
	file := "/files/" + string(sh.files[0].ID)
	for _, path := range []string{sh.page, sh.page + "/qr.png", sh.post + "/access", file + "/access"} {
		if got := jonas.get(path); got.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, got.Code)
		}
	}
	for _, path := range []string{sh.page, sh.page + "/revoke", sh.post + "/private"} {
		if got := jonas.post(path, url.Values{"note": {"mine now"}}); got.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, got.Code)
		}
	}
	jonas.post(file+"/private", nil) // he has no link to it: nothing to end
	for _, of := range []url.Values{
		{"post_id": {strings.TrimPrefix(sh.post, "/posts/")}}, {"file_id": {string(sh.files[0].ID)}}, {"file_id": {"../etc"}},
	} {
		if got := jonas.postForm("/shares", of); got.Code != http.StatusNotFound {
			t.Errorf("sharing %v: %d\n%s", of, got.Code, got.Body)
		}
	}
	if page := jonas.get("/shares").Body.String(); strings.Contains(page, "regatta") {
		t.Errorf("jonas sees mara's links:\n%s", page)
	}
	if got := s.browser().get(sh.link); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "mine now") {
		t.Errorf("the link afterwards: %d", got.Code)
	}
}

// A link that only shows: every way to the bytes of the files, or to a checksum that
// tells them, is closed; only its thumbnails are open.
func TestShare_PreviewOnlyGivesNoBytes(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareTwo(url.Values{"permission": {"preview"}})
	guest := s.browser()
	page := guest.get(sh.link).Body.String()
	for _, f := range sh.files {
		if strings.Contains(page, f.Served().SHA256) {
			t.Errorf("the page tells the checksum of %s", f.Name)
		}
	}
	if !strings.Contains(page, "not download") || strings.Contains(page, sh.link+"/zip") {
		t.Errorf("the page:\n%s", page)
	}
	first, second := "/files/"+string(sh.files[0].ID), "/files/"+string(sh.files[1].ID)
	for _, path := range []string{
		sh.fileURL(), sh.link + "/zip", sh.link + second + "/minutes.txt",
		first + "/regatta.jpg", first + "/original", second + "/minutes.txt", sh.post, sh.post + "/zip",
		"/api/v1" + first, "/api/v1" + first + "/content",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, "RANGE"} {
			got := guest.ask([2]string{method, path}, "Accept", "text/html")
			if got.Code < 300 {
				t.Errorf("%s %s: %d", method, path, got.Code)
			}
		}
	}
	if got := guest.get(sh.link + first + "/thumbnail"); got.Code != http.StatusOK {
		t.Errorf("thumbnail: %d", got.Code)
	}
	if got := guest.get(sh.link + second + "/preview"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "some notes") {
		t.Errorf("the text: %d\n%s", got.Code, got.Body)
	}
	if got := guest.get("/s/short" + second + "/preview"); got.Code != http.StatusGone {
		t.Errorf("without the secret: %d", got.Code)
	}
	if got := guest.get(sh.link + first + "/preview"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "/thumbnail/1280") ||
		strings.Contains(got.Body.String(), "regatta.jpg\"><") || strings.Contains(got.Body.String(), ">Download<") {
		t.Errorf("the image: %d\n%s", got.Code, got.Body)
	}
	whole := sh.owner.shareTwo(url.Values{"downloads": {"1"}})
	if got := guest.get(whole.link + "/files/" + string(whole.files[1].ID) + "/preview"); got.Code != http.StatusOK ||
		strings.Contains(got.Body.String(), "some notes") {
		t.Errorf("the text by a link that counts downloads: %d", got.Code)
	}
	// A number of downloads says nothing about a link that gives none.
	look := sh.owner.shareTwo(url.Values{"permission": {"preview"}})
	s.exec(`UPDATE shares SET max_pickups = 1 WHERE permission = 'preview'`)
	if got := guest.get(look.link + "/files/" + string(look.files[1].ID) + "/preview"); !holds(got.Body.String(), "some notes") {
		t.Errorf("the text by a link that only shows, with a number of downloads: %d\n%s", got.Code, got.Body)
	}
	if n := sh.pickedUp(); n != 0 {
		t.Errorf("looking takes %d places", n)
	}
}

// A link for named users: they get in once they sign in, others see a link that opens
// nothing, and naming a user who does not exist looks the same.
func TestShare_IsForNamedUsers(t *testing.T) {
	s := newSite(t)
	mara, jonas, ines := s.registered("mara"), s.registered("jonas"), s.registered("ines")
	sh := mara.shareTwo(url.Values{"users": {"@jonas, nobody_here"}})
	guest := s.browser()
	if got := guest.ask([2]string{"GET", sh.link}, "Accept", "text/html"); got.Code != http.StatusSeeOther ||
		!strings.HasPrefix(got.Header().Get("Location"), "/login") {
		t.Errorf("a guest: %d %s", got.Code, got.Header().Get("Location"))
	}
	for who, want := range map[*browser]int{jonas: http.StatusOK, ines: http.StatusGone, mara: http.StatusOK} {
		for _, path := range []string{sh.link, sh.fileURL(), sh.link + "/zip"} {
			if got := who.get(path); got.Code != want {
				t.Errorf("%s: %d, want %d", path, got.Code, want)
			}
		}
	}
	page := mara.get(sh.page).Body.String()
	if !strings.Contains(page, `value="jonas nobody_here"`) {
		t.Errorf("the page of the link tells which of the names exists:\n%s", page)
	}
	// Who takes the name later is not invited by an edit of something else.
	late := s.registered("nobody_here")
	mara.post(sh.page, url.Values{"users": {"jonas nobody_here"}, "note": {"see you there"}})
	for who, want := range map[*browser]int{jonas: http.StatusOK, late: http.StatusGone} {
		if got := who.get(sh.link); got.Code != want {
			t.Errorf("after an edit: %d, want %d", got.Code, want)
		}
	}
	mara.post(sh.page, url.Values{"users": {"ines"}})
	if got := jonas.get(sh.link); got.Code != http.StatusGone {
		t.Errorf("jonas is not named any more: %d", got.Code)
	}
}

// Comments through a link need its permission and an account.
func TestShare_CommentsNeedPermission(t *testing.T) {
	s := newSite(t)
	mara, jonas := s.registered("mara"), s.registered("jonas")
	words := url.Values{"body": {"a fine regatta indeed"}}
	for permission, want := range map[string]int{
		"preview": http.StatusForbidden, "download": http.StatusForbidden, "comment": http.StatusSeeOther,
	} {
		sh := mara.shareTwo(url.Values{"permission": {permission}})
		if got := jonas.post(sh.link+"/comments", words); got.Code != want {
			t.Errorf("%s: %d, want %d", permission, got.Code, want)
		}
		if got := s.browser().post(sh.link+"/comments", words); got.Code != http.StatusUnauthorized {
			t.Errorf("a guest, %s: %d", permission, got.Code)
		}
		shown := strings.Contains(s.browser().get(sh.link).Body.String(), "a fine regatta indeed")
		if shown != (permission == "comment") {
			t.Errorf("%s: the comment is shown: %v", permission, shown)
		}
		if permission == "comment" {
			s.notificationOf(mara, "jonas commented on")
		}
		mara.post(sh.page+"/revoke", nil)
		if got := jonas.post(sh.link+"/comments", words); got.Code != http.StatusGone {
			t.Errorf("%s, revoked: %d", permission, got.Code)
		}
	}
}

// The log and the audit log have neither the secret of a link nor its password.
func TestShare_SecretsStayOutOfTheLogs(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareTwo(url.Values{"password": {"open sesame"}, "name": {"minutes"}})
	guest := s.browser()
	guest.get(sh.link)
	guest.post(sh.link, url.Values{"password": {"wrong sesame"}})
	guest.post(sh.link, url.Values{"password": {"open sesame"}})
	guest.get(sh.fileURL())
	guest.get(sh.link + "/zip")
	r := httptest.NewRequest(http.MethodGet, publicURL+sh.link+"/zip", nil)
	r.SetBasicAuth("", "open sesame")
	guest.do(r)
	guest.get("/s/minutes-" + string(models.NewShareID()))
	sh.owner.post(sh.page+"/revoke", nil)
	secret := sh.link[strings.LastIndexByte(sh.link, '-')+1:]
	logged := s.log.String() + strings.Join(s.cells(`SELECT detail || ' ' || object FROM audit_events`), "\n")
	for _, word := range []string{secret, "sesame"} {
		if strings.Contains(logged, word) {
			t.Errorf("%q is logged:\n%s", word, logged)
		}
	}
	if !strings.Contains(logged, "share") {
		t.Errorf("nothing is logged:\n%s", logged)
	}
}

// An admin sees that links open a post or a file, but not what opens them, and what the
// owner wrote into them; quarantine closes them.
func TestShare_AdminsSeeThatItExists(t *testing.T) {
	s := newSite(t)
	mara, root := s.registered("mara"), s.withRole("rosa", models.RoleAdmin)
	sh := mara.shareTwo(url.Values{"note": {"a hidden note"}, "name": {"minutes"}, "password": {"open sesame"}})
	one := "/admin/content/file/" + string(sh.files[1].ID)
	for _, path := range []string{one, "/admin/content/post/" + strings.TrimPrefix(sh.post, "/posts/")} {
		page := root.get(path).Body.String()
		if !holds(page, "visitors with a link", "<td>open</td>", "with a password") {
			t.Errorf("%s does not tell of the link:\n%s", path, page)
		}
		for _, word := range []string{sh.link, sh.link[strings.LastIndexByte(sh.link, '-')+1:], "hidden note", "sesame", "argon2"} {
			if strings.Contains(page, word) {
				t.Errorf("%s tells %q:\n%s", path, word, page)
			}
		}
	}
	guest := s.browser()
	guest.post(sh.link, url.Values{"password": {"open sesame"}})
	second := sh.link + "/files/" + string(sh.files[1].ID) + "/minutes.txt"
	if got := guest.get(second); got.Code != http.StatusOK {
		t.Fatalf("downloading: %d", got.Code)
	}
	root.post(one+"/hide", url.Values{"why": {"a virus"}})
	if got := guest.get(second); got.Code != http.StatusGone {
		t.Errorf("a file in quarantine: %d", got.Code)
	}
	if got := guest.get(sh.fileURL()); got.Code != http.StatusOK {
		t.Errorf("the other file: %d", got.Code)
	}
	root.post("/admin/content/post/"+strings.TrimPrefix(sh.post, "/posts/")+"/hide", url.Values{"why": {"spam"}})
	if got := guest.get(sh.link); got.Code != http.StatusGone {
		t.Errorf("a hidden post: %d", got.Code)
	}
}
