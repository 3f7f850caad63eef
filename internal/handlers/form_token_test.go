package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var tokenInput = regexp.MustCompile(`<form [^>]*method="post"[^>]*><input type="hidden" name="token" value="([^"]+)">`)

// silent sends a form like a browser that sends neither Origin nor
// Sec-Fetch-Site.
func (b *browser) silent(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, publicURL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func TestFormToken_OfOldBrowsers(t *testing.T) {
	s := newSite(t)
	guest, other := s.browser(), s.browser()
	for range 2 { // with a new cookie, then with the same one
		if got := guest.get("/register"); got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("a page with a token may be kept: %v", got.Header())
		}
	}
	form := url.Values{"username": {"ann"}, "email": {"ann@example.org"}, "password": {testPassword}}
	token := func(b *browser, path string) string {
		t.Helper()
		found := tokenInput.FindStringSubmatch(b.get(path).Body.String())
		if found == nil {
			t.Fatalf("%s has no form with a token", path)
		}
		return found[1]
	}
	for name, wrong := range map[string]string{"none": "", "made up": "AAAA", "another browser's": token(other, "/register")} {
		form.Set("token", wrong)
		if got := guest.silent("/register", form); got.Code != http.StatusForbidden {
			t.Errorf("registering with the token of %s: %d", name, got.Code)
		}
	}
	form.Set("token", token(guest, "/register"))
	if got := guest.silent("/register", form); got.Code != http.StatusSeeOther {
		t.Fatalf("registering with the right token: %d\n%s", got.Code, got.Body)
	}
	if got := guest.silent("/settings/tokens", url.Values{"name": {"x"}, "scope": {"read", "write", "upload"},
		"token": {form.Get("token")}}); got.Code != http.StatusForbidden {
		t.Errorf("the token from before the log-in: %d", got.Code)
	}
	if got := guest.silent("/settings/tokens", url.Values{"name": {"x"}, "scope": {"read", "write", "upload"},
		"token": {token(guest, "/settings/tokens")}}); got.Code != http.StatusCreated {
		t.Errorf("the token of the page: %d", got.Code)
	}
}

func TestFormToken_ComesBeforeAnyFile(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	token := tokenInput.FindStringSubmatch(ann.get("/files").Body.String())[1]
	send := func(path string, fields url.Values, parts ...part) int {
		body, contentType := multipartForm(t, fields, parts...)
		r := httptest.NewRequest(http.MethodPost, publicURL+path, body)
		r.Header.Set("Content-Type", contentType)
		return ann.do(r).Code
	}
	file, avatar := part{"file", "a.txt", "", []byte("hello")}, part{"avatar", "a.png", "", drawPNG(t, 10, 10)}
	for path, p := range map[string]part{"/files": file, "/posts": file, "/settings/avatar": avatar} {
		if got := send(path, nil, p); got != http.StatusForbidden {
			t.Errorf("%s without a token: %d", path, got)
		}
	}
	if got := ann.get("/files").Body.String(); strings.Contains(got, "a.txt") {
		t.Error("a file was received without a token")
	}
	for path, p := range map[string]part{"/files": file, "/settings/avatar": avatar} {
		if got := send(path, url.Values{"token": {token}}, p); got != http.StatusSeeOther {
			t.Errorf("%s with a token: %d", path, got)
		}
	}
}

// Every form on every page has a token.
func TestEveryForm_HasAToken(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	post := ann.write(postFields(), part{"file", "a.txt", "", []byte("hello")})
	ann.post(post+"/comments", url.Values{"body": {"hello"}})
	ann.post("/settings/tokens", url.Values{"name": {"x"}, "scope": {"read", "write", "upload"}})
	ann.postForm("/settings/avatar", nil, part{"avatar", "a.png", "", drawPNG(t, 10, 10)})
	deleted := ann.write(postFields())
	ann.post(deleted+"/delete", nil)
	forms := 0
	for path, b := range map[string]*browser{
		"/login": s.browser(), "/register": s.browser(), "/": ann, post: ann, post + "/edit": ann, "/posts/new": ann, "/posts/deleted": ann,
		"/files":            ann,
		"/settings/profile": ann, "/settings/security": ann, "/settings/sessions": ann, "/settings/tokens": ann,
	} {
		page := b.get(path).Body.String()
		n := strings.Count(page, `method="post"`)
		if forms += n; n == 0 || len(tokenInput.FindAllString(page, -1)) != n {
			t.Errorf("%s has %d forms and %d tokens", path, n, len(tokenInput.FindAllString(page, -1)))
		}
	}
	if forms < 25 {
		t.Errorf("only %d forms were seen", forms)
	}
}
