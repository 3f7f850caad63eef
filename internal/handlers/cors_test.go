package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/handlers"
)

func TestCORS(t *testing.T) {
	const friend, stranger = "https://app.example.com", "https://evil.example"
	s := newSiteWith(t, handlers.Options{CORS: handlers.CORS{
		Allows:  func(origin string) bool { return origin == friend },
		Methods: []string{"GET", "POST"}, Headers: []string{"Authorization"}, Exposed: []string{"Link"}, MaxAge: 10 * time.Minute,
	}})
	ask := func(method, path, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, publicURL+path, nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Access-Control-Request-Method", "POST")
		return s.browser().do(r)
	}
	tests := []struct {
		name, method, path, origin string
		status                     int
		allowed                    bool
	}{
		{"preflight", "OPTIONS", "/api/v1/posts", friend, 204, true},
		{"preflight of an unknown origin", "OPTIONS", "/api/v1/posts", stranger, 204, false},
		{"preflight without an origin", "OPTIONS", "/api/v1/posts", "null", 204, false},
		{"read", "GET", "/api/v1/posts", friend, 200, true},
		{"read by an unknown origin", "GET", "/api/v1/posts", stranger, 200, false},
		{"write without a token", "POST", "/api/v1/posts", friend, 401, true},
		{"write by an unknown origin", "POST", "/api/v1/posts", stranger, 403, false},
		{"a page of ours", "GET", "/", friend, 200, false},
		{"a form of ours", "POST", "/login", friend, 403, false},
	}
	for _, tt := range tests {
		got := ask(tt.method, tt.path, tt.origin)
		h := got.Header()
		if got.Code != tt.status || (h.Get("Access-Control-Allow-Origin") == tt.origin) != tt.allowed {
			t.Errorf("%s: %d, allowed %q", tt.name, got.Code, h.Get("Access-Control-Allow-Origin"))
		}
		if strings.HasPrefix(tt.path, "/api/") && !strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: Vary = %q", tt.name, h.Values("Vary"))
		}
		for name := range h {
			if !tt.allowed && strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s = %q", tt.name, name, h.Get(name))
			}
		}
	}
	h := ask(http.MethodOptions, "/api/v1/posts", friend).Header()
	if h.Get("Access-Control-Allow-Methods") != "GET,POST" || h.Get("Access-Control-Allow-Headers") != "Authorization" ||
		h.Get("Access-Control-Max-Age") != "600" {
		t.Errorf("preflight = %v", h)
	}
}
