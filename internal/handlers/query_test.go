package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Every route that changes something by its body loses its query before a handler sees
// it, so fields in the query change nothing.
func TestQuery_IsNoForm(t *testing.T) {
	s := newSite(t)
	root := s.withRole("boss", models.RoleAdmin)
	token := s.programOf("boss").token
	fields := url.Values{"username": {"x"}, "password": {testPassword}, "why": {"x"}, "title": {"x"}, "share": {"7d"}}.Encode()
	walked := 0
	for _, r := range routesOf(t, s) {
		if r.Method != http.MethodPost && r.Method != http.MethodPatch {
			continue
		}
		walked++
		request := httptest.NewRequest(r.Method, address(r.Path)+"?"+fields, strings.NewReader(""))
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if strings.HasPrefix(r.Path, "/api/") {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		b := root
		if r.Path == "/logout" {
			b = s.browser()
		}
		if b.do(request); request.URL.RawQuery != "" || request.Form.Has("username") {
			t.Errorf("%s %s sees the query %q, and the form %v", r.Method, r.Path, request.URL.RawQuery, request.Form)
		}
	}
	if walked < 80 {
		t.Errorf("only %d routes", walked)
	}
}

// The fields of a form count in its body only, secrets above all.
func TestQuery_SignsNobodyIn(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	fields := url.Values{"username": {"ann"}, "password": {testPassword}}
	b := s.browser()
	if got := b.post("/login?"+fields.Encode(), nil); got.Code != http.StatusUnprocessableEntity || b.get("/files").Code == http.StatusOK {
		t.Errorf("signing in by the query: %d", got.Code)
	}
	profile := url.Values{"email": {"ann@example.org"}}
	if got := ann.post("/settings/profile?bio=hello", profile); got.Code != http.StatusSeeOther || s.userNamed("ann").Bio != "" {
		t.Errorf("a bio by the query: %d, %q", got.Code, s.userNamed("ann").Bio)
	}
}
