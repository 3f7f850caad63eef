package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
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
