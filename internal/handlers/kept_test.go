package handlers_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

var keptInput = regexp.MustCompile(`name="kept" value="([^"]+)"`)

// keptIn returns the saved form that a page carries through the sign-in.
func keptIn(t *testing.T, got *httptest.ResponseRecorder) string {
	t.Helper()
	found := keptInput.FindStringSubmatch(got.Body.String())
	if found == nil {
		t.Fatalf("%d: no form is kept:\n%s", got.Code, got.Body)
	}
	return html.UnescapeString(found[1])
}

// A form that is sent after the session has ended comes back: sign in on that page, and
// send it.
func TestKept_ThroughASignIn(t *testing.T) {
	s := newSite(t)
	post := strings.TrimPrefix(s.registered("bob").write(postFields()), "/posts/")
	s.registered("ann")
	for path, fields := range map[string]url.Values{
		"/posts":                       {"title": {"A <title>"}, "content": {"long \"text\"\n\nof mine"}, "visibility": {"unlisted"}},
		"/posts/" + post + "/comments": {"body": {"\n a 'comment' \u00e4"}},
		"/requests":                    {"title": {"Photos"}, "message": {"please"}},
	} {
		b := s.browser()
		send := b.post
		if path == "/posts" {
			send = func(path string, fields url.Values) *httptest.ResponseRecorder {
				return b.postForm(path, fields, part{"file", "a.txt", "", []byte("hello")})
			}
		}
		got := send(path, fields)
		if got.Code != http.StatusUnauthorized {
			t.Fatalf("%s by a guest: %d", path, got.Code)
		}
		in := url.Values{"kept": {keptIn(t, got)}, "username": {"ann"}, "password": {"a wrong password"}}
		got = b.post("/login", in)
		if got.Code == http.StatusOK || keptIn(t, got) != in.Get("kept") {
			t.Errorf("%s: with a wrong password it is %d", path, got.Code)
		}
		in.Set("password", testPassword)
		got = b.post("/login", in)
		page := wantHandled(t, path, got)
		if got.Code != http.StatusOK {
			t.Fatalf("%s: signing in: %d\n%s", path, got.Code, got.Body)
		}
		for name := range fields {
			wantKept(t, path, page, path, name, fields.Get(name))
		}
		if asks := strings.Contains(got.Body.String(), "Choose your files again"); asks != (path == "/posts") {
			t.Errorf("%s: it asks for the files again: %v", path, asks)
		}
		again := url.Values{"token": {tokenInput.FindStringSubmatch(got.Body.String())[1]}}
		for name, values := range fields {
			again[name] = values
		}
		if path == "/posts" {
			continue // its form is multipart, which TestKept_WithAnOldToken sends
		}
		if got := b.silent(path, again); got.Code != http.StatusSeeOther {
			t.Errorf("%s: sending it again with the token of the page: %d\n%s", path, got.Code, got.Body)
		}
	}
}

// The same with two factors.
func TestKept_ThroughTwoFactors(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	_, codes := ann.withFactor(s)
	b := s.browser()
	kept := keptIn(t, b.postForm("/posts", url.Values{"content": {"words"}}))
	got := b.post("/login", url.Values{"kept": {kept}, "username": {"ann"}, "password": {testPassword}})
	if got.Code != http.StatusOK || keptIn(t, got) != kept {
		t.Fatalf("the second step: %d\n%s", got.Code, got.Body)
	}
	got = b.post("/login/second-factor", url.Values{"kept": {kept}, "code": {"000000"}})
	if keptIn(t, got) != kept {
		t.Error("a wrong code loses the form")
	}
	got = b.post("/login/second-factor", url.Values{"kept": {kept}, "code": {codes[0]}})
	wantKept(t, "post", wantHandled(t, "post", got), "/posts", "content", "words")
}

// A form with the token of an earlier session comes back with a new one.
func TestKept_WithAnOldToken(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	old := tokenInput.FindStringSubmatch(ann.get("/posts/new").Body.String())[1]
	ann.post("/logout", nil)
	ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	fields := url.Values{"token": {old}, "title": {"T"}, "content": {"long text"}, "visibility": {"private"}}
	body, contentType := tokenFirst(t, fields)
	send := func(body, contentType string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, publicURL+"/posts", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		return ann.do(r)
	}
	got := send(body, contentType)
	page := wantHandled(t, "old token", got)
	if got.Code != http.StatusForbidden {
		t.Fatalf("an old token: %d", got.Code)
	}
	wantKept(t, "old token", page, "/posts", "content", "long text")
	fields.Set("token", tokenInput.FindStringSubmatch(got.Body.String())[1])
	if body, contentType = tokenFirst(t, fields); send(body, contentType).Code != http.StatusSeeOther {
		t.Error("the form that came back cannot be sent")
	}
	got = ann.silent("/requests", url.Values{"token": {old}, "title": {"Photos"}})
	wantKept(t, "old token", wantHandled(t, "old token", got), "/requests", "title", "Photos")
}

// tokenFirst returns a multipart form whose first field is the token, as on every page.
func tokenFirst(t *testing.T, fields url.Values) (body, contentType string) {
	t.Helper()
	rest := url.Values{}
	for name, values := range fields {
		if name != "token" {
			rest[name] = values
		}
	}
	text, contentType := multipartForm(t, rest)
	boundary := strings.TrimPrefix(contentType, "multipart/form-data; boundary=")
	return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n" + fields.Get("token") +
		"\r\n" + text.String(), contentType
}

// A form that needs a confirmation comes back with a link to it; a guest's report that is one
// too many comes back too.
func TestKept_UntilItIsConfirmed(t *testing.T) {
	s := newLimited(t, "report=1-H")
	boss := s.withRole("boss", models.RoleAdmin)
	post := strings.TrimPrefix(s.member("ann").write(postFields()), "/posts/")
	s.clock.advance(time.Hour)
	path := "/admin/content/post/" + post + "/hide"
	got := boss.post(path, url.Values{"why": {"a long reason"}, "password": {"hunter2"}})
	page := wantHandled(t, path, got)
	if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), `href="/confirm?next=`) ||
		strings.Contains(got.Body.String(), "hunter2") {
		t.Fatalf("hiding after a while: %d\n%s", got.Code, got.Body)
	}
	wantKept(t, path, page, path, "why", "a long reason")
	path = "/report/post/" + post
	guest := s.browser()
	for range 2 {
		got = guest.post(path, url.Values{"reason": {"spam"}, "words": {"what I saw"}})
	}
	if got.Code != http.StatusTooManyRequests {
		t.Fatalf("a second report: %d", got.Code)
	}
	wantKept(t, path, wantHandled(t, path, got), path, "words", "what I saw")
}

// What comes with a sign-in is a form of this site, or it is ignored.
func TestKept_LeadsNowhereElse(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	for _, kept := range []string{
		`{"Action":"https://evil.example/","Fields":[{"Name":"a"}]}`, `{"Action":"//evil.example/","Fields":[{"Name":"a"}]}`,
		`{"Action":"javascript:alert(1)","Fields":[{"Name":"a"}]}`, `{"Action":"/posts"}`,
		`{"Action":"/posts/../../admin","Fields":[{"Name":"a"}]}`, `{"Action":"/posts?a=b","Fields":[{"Name":"a"}]}`, `[]`, `{`, "\x00",
	} {
		got := s.browser().post("/login", url.Values{"kept": {kept}, "username": {"ann"}, "password": {testPassword}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
			t.Errorf("%q: %d %s\n%s", kept, got.Code, got.Header().Get("Location"), got.Body)
		}
	}
}

// The fields of a form with files are bounded together.
func TestForm_FieldsAreBoundedTogether(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	const most = 256 << 10
	rest := len("title" + "T" + "content" + "C" + "visibility" + "private" + "unknown")
	for size, want := range map[int]int{most - rest: http.StatusSeeOther, most - rest + 1: http.StatusRequestEntityTooLarge} {
		fields := url.Values{"title": {"T"}, "content": {"C"}, "visibility": {"private"}, "unknown": {strings.Repeat("x", size)}}
		if got := ann.postForm("/posts", fields); got.Code != want {
			t.Errorf("%d bytes: %d, want %d\n%.500s", size, got.Code, want, got.Body)
		}
	}
}
