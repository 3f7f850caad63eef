package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers/gate"
)

func TestRedirectServer_SendsAllToHTTPS(t *testing.T) {
	s := newBareServer(t, nil)
	s.Options.PublicURL, s.Options.AllowedHosts = "https://files.example.org:8443", []string{"other.example.org"}
	s.Options.ContentOrigin = "https://content.example.net"
	server := s.RedirectServer(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/.well-known/acme-challenge/x" {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	tests := []struct {
		method, host, path string
		status             int
		location           string
	}{
		{"GET", "files.example.org", "/posts/1?a=b%20c", 308, "https://files.example.org:8443/posts/1?a=b%20c"},
		{"POST", "FILES.example.org.:80", "/login", 308, "https://files.example.org:8443/login"},
		{"GET", "other.example.org", "/", 308, "https://files.example.org:8443/"},
		{"GET", "content.example.net", "/content/x", 308, "https://content.example.net/content/x"},
		{"GET", "localhost", "//evil.example/", 308, "https://files.example.org:8443/evil.example/"},
		{"GET", "files.example.org", "x:@evil.example/", 308, "https://files.example.org:8443/"},
		{"GET", "files.example.org", "http://me:pw@evil.example/a?b", 308, "https://files.example.org:8443/a?b"},
		{"OPTIONS", "files.example.org", "*", 308, "https://files.example.org:8443/"},
		{"GET", "files.example.org", "/api/v1/me", 403, ""},
		{"PUT", "files.example.org", "/up/a.txt", 403, ""},
		{"GET", "evil.example", "/", 421, ""},
		{"GET", "files.example.org", "/" + strings.Repeat("a", gate.MaxURL), 414, ""},
		{"GET", "files.example.org", "/livez", 308, "https://files.example.org:8443/livez"},
		{"GET", "files.example.org", "/.well-known/acme-challenge/x", http.StatusTeapot, ""},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "/", nil)
		u, err := url.ParseRequestURI(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.RequestURI, r.Host = u, tt.path, tt.host
		rec := httptest.NewRecorder()
		server.Handler.ServeHTTP(rec, r)
		if rec.Code != tt.status || rec.Header().Get("Location") != tt.location {
			t.Errorf("%s %s%.40s: %d to %q, want %d to %q", tt.method, tt.host, tt.path, rec.Code, rec.Header().Get("Location"), tt.status,
				tt.location)
		}
		if program := rec.Code == 403; program && (rec.Header().Get("Content-Type") != "application/problem+json" ||
			!strings.Contains(rec.Body.String(), "Use HTTPS")) {
			t.Errorf("%s: %v %s", tt.path, rec.Header(), rec.Body)
		}
		if got := rec.Header().Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s%s: HSTS %q by http", tt.host, tt.path, got)
		}
	}
}
