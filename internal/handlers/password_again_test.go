package handlers_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers/gate"
)

// A password that was entered for a link is asked for again with a form that comes back, because no page shows it:
// the link would have none.
func TestPassword_IsAskedForAgain(t *testing.T) {
	const secret = "eleven quiet lanterns"
	s := newSite(t)
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "a.pdf", string(pdf))
	id := strings.Split(file, "/")[2]
	request := ann.post("/requests", url.Values{"title": {"Photos"}}).Header().Get("Location")
	share := ann.postForm("/shares", url.Values{"file_id": {id}}).Header().Get("Location")
	for path, fields := range map[string]url.Values{
		"/requests": {"title": {"Photos"}}, request: {"title": {"Photos"}}, "/shares": {"file_id": {id}}, share: {},
	} {
		send := ann.post
		if path == "/shares" {
			send = func(path string, fields url.Values) *httptest.ResponseRecorder { return ann.postForm(path, fields) }
		}
		fields.Set("expires", "soon")
		if got := send(path, fields); got.Code != http.StatusUnprocessableEntity || holds(got.Body.String(), "password again") {
			t.Errorf("%s without a password: %d", path, got.Code)
		}
		fields.Set("password", secret)
		got := send(path, fields)
		if got.Code != http.StatusUnprocessableEntity || !holds(got.Body.String(), `href="#password">Enter the password again.`) {
			t.Errorf("%s: %d, and it does not ask for the password again", path, got.Code)
		}
		if holds(got.Body.String(), secret) {
			t.Errorf("%s shows the password", path)
		}
	}
}

// The same with a form that comes back after the session has ended.
func TestKept_AsksForThePasswordAgain(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	for password, asks := range map[string]bool{"eleven quiet lanterns": true, "": false} {
		b := s.browser()
		fields := url.Values{"title": {"Photos"}, "password": {password}}
		kept := keptIn(t, b.post("/requests", fields))
		got := b.post("/login", url.Values{"kept": {kept}, "username": {"ann"}, "password": {testPassword}})
		body := got.Body.String()
		if got.Code != http.StatusOK || holds(body, `name="password" type="password" autocomplete="new-password" required`) != asks {
			t.Errorf("with the password %q: %d\n%s", password, got.Code, body)
		}
		if password != "" && (holds(body, password) || strings.Contains(kept, password)) {
			t.Error("the password is kept")
		}
	}
}

// A link can be open to anyone without the last fields of its form, so that an interrupted form does not come back: one
// with more bytes of files than the site reads of a refused form, or with too long a note. A post is private without them.
func TestKept_OnlyWhole(t *testing.T) {
	s := newSite(t)
	long := url.Values{"file_ids": {"x"}, "note": {strings.Repeat("n", int(gate.TextBody.Max)+1)}}
	for name, test := range map[string]struct {
		path   string
		fields url.Values
		cut    int // bytes at the end that do not come
		kept   bool
	}{
		"link":           {"/shares", url.Values{"users": {"bob"}}, 0, true},
		"link, cut":      {"/shares", url.Values{"users": {"bob"}}, 20, false},
		"link, too long": {"/shares", long, 0, false},
		"post, cut":      {"/posts", url.Values{"title": {"T"}}, 20, true},
	} {
		body, contentType := multipartForm(t, test.fields, part{"file", "a.txt", "", []byte("hello")})
		r := httptest.NewRequest(http.MethodPost, publicURL+test.path, bytes.NewReader(body.Bytes()[:body.Len()-test.cut]))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		got := s.browser().do(r)
		if page := got.Body.String(); got.Code != http.StatusUnauthorized || holds(page, "data-kept") != test.kept {
			t.Errorf("%s: %d, kept %v", name, got.Code, !test.kept)
		} else if test.path == "/posts" && !holds(page, `name="visibility" value="private"`) {
			t.Errorf("%s: it is not private", name)
		}
	}
}

// The options of a link follow its files, so that those after a file with far too many bytes are not read.
func TestShare_AsksForTheOptionsAgain(t *testing.T) {
	ann := newSite(t).registered("ann")
	got := ann.postForm("/shares", url.Values{}, part{"file", "a.txt", "", bytes.Repeat([]byte("a"), maxTestFile+gate.MaxDrain+1<<20)})
	if page := got.Body.String(); got.Code != http.StatusRequestEntityTooLarge || !holds(page, `href="#password">Enter the options again`) ||
		strings.Count(page, "“a.txt”: ") != 2 {
		t.Errorf("%d\n%s", got.Code, page)
	}
}

// What is ticked beside the password of a link comes back with its form.
func TestRemovePassword_ComesBack(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "a.pdf", string(pdf))
	locked := url.Values{"file_id": {strings.Split(file, "/")[2]}, "title": {"Photos"}, "password": {"eleven quiet lanterns"}}
	for _, path := range []string{
		ann.postForm("/shares", locked).Header().Get("Location"), ann.post("/requests", locked).Header().Get("Location"),
	} {
		fields := url.Values{"title": {"Photos"}, "remove_password": {"yes"}, "expires": {"soon"}, "preview": {"yes"}}
		if got := ann.post(path, fields); !holds(got.Body.String(), `name="remove_password" value="yes" checked`) {
			t.Errorf("%s: %d, and nothing is ticked", path, got.Code)
		}
		for _, field := range []string{"remove_password", "preview"} {
			if kept := keptIn(t, s.browser().post(path, fields)); holds(kept, field) != (field != "preview" || strings.HasPrefix(path, "/shares")) {
				t.Errorf("%s: %s is lost: %s", path, field, kept)
			}
		}
	}
}
