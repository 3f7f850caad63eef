package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
)

// What leads nowhere counts for the address, whatever it is, so that looking for paths,
// methods and hosts is limited.
func TestStrays_AreLimited(t *testing.T) {
	const friend = "https://app.example.com"
	s := newSiteBy(t, databasetest.New(t), handlers.Options{
		CORS: handlers.CORS{Allows: func(origin string) bool { return origin == friend }, Methods: []string{"GET"}},
	}, strings.Replace(wide, "stray=1000000-S", "stray=2-M", 1))
	for i, tt := range []struct {
		name, method, path, host, origin, site string
		status                                 int
	}{
		{"no page", "GET", "/wp-login.php", "", "", "none", 404},
		{"no page by HEAD", "HEAD", "/wp-login.php", "", "", "none", 404},
		{"no page of the API", "GET", "/api/v2/posts", "", "", "none", 404},
		{"no asset", "GET", "/static/nope.js", "", "", "none", 404},
		{"no method of a page", "DELETE", "/login", "", "", "same-origin", 405},
		{"options", "OPTIONS", "/login", "", "", "none", 204},
		{"options of everything", "OPTIONS", "/", "", "", "none", 204},
		{"a preflight", "OPTIONS", "/api/v1/posts", "", friend, "cross-site", 204},
		{"a preflight of a stranger", "OPTIONS", "/api/v1/posts", "", "https://evil.example", "cross-site", 204},
		{"a form of another site", "POST", "/login", "", "", "cross-site", 403},
		{"another host", "GET", "/", "evil.example", "", "none", 421},
		{"a long URL", "GET", "/" + strings.Repeat("a", 9000), "", "", "none", 414},
		{"a malformed ID", "GET", "/posts/%00", "", "", "none", 404},
	} {
		ask := func(from string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(tt.method, publicURL+tt.path, nil)
			r.RemoteAddr = from
			r.Header.Set("Sec-Fetch-Site", tt.site)
			if tt.host != "" {
				r.Host = tt.host
			}
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
				r.Header.Set("Access-Control-Request-Method", "GET")
			}
			return s.browser().do(r)
		}
		address := fmt.Sprintf("192.0.2.%d:1", i)
		for n := range 2 {
			if got := ask(address); got.Code != tt.status || got.Header().Get("RateLimit") == "" {
				t.Errorf("%s, request %d: %d, want %d; %v", tt.name, n, got.Code, tt.status, got.Header())
			}
		}
		if got := ask(address); got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" {
			t.Errorf("%s: the third is %d %v", tt.name, got.Code, got.Header())
		}
		if got := ask("198.51.100.1:1"); got.Code != tt.status {
			t.Errorf("%s by another address: %d", tt.name, got.Code)
		}
		s.clock.advance(2 * time.Minute)
	}
}

// HEAD counts as GET does.
func TestHead_CountsAsGet(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{}, wide+",page=2-M")
	b := s.browser()
	for i, method := range []string{"HEAD", "GET", "HEAD", "GET"} {
		if got := b.from("192.0.2.7", method, "/"); (got.Code == http.StatusOK) != (i < 2) {
			t.Errorf("request %d, %s: %d", i, method, got.Code)
		}
	}
}

// Who opens the address of a form is told to go back: reloading would not help.
func TestStrays_OfAForm(t *testing.T) {
	page := newSite(t).browser().get("/logout")
	if text := page.Body.String(); page.Code != http.StatusMethodNotAllowed || !strings.Contains(text, "Go back and try again.") ||
		strings.Contains(text, "Reload") {
		t.Errorf("%d %s", page.Code, text)
	}
}

// A user who mistypes an address stays signed in on the page that says so, and a session that
// has ended does not.
func TestStrays_KnowTheirUser(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for _, path := range []string{"/nothing/here", "/shares/x/revoke"} {
		if page := ann.get(path).Body.String(); !strings.Contains(page, `action="/logout"`) || strings.Contains(page, `href="/register"`) {
			t.Errorf("%s: signed in it is\n%s", path, page)
		}
	}
	s.exec(`UPDATE users SET suspended_at = '2026-01-01 00:00:00+00:00'`)
	if page := ann.get("/nothing/here").Body.String(); strings.Contains(page, `action="/logout"`) {
		t.Errorf("a suspended user: \n%s", page)
	}
}
