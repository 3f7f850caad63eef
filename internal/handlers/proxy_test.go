package handlers

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/limits"
)

func TestHosts(t *testing.T) {
	s := newBareServer(t, nil)
	s.Options.PublicURL, s.Options.AllowedHosts = "https://files.example.org:8443", []string{"other.example.org"}
	for host, want := range map[string]int{
		"files.example.org": 200, "FILES.example.org.": 200, "files.example.org:8443": 200, "other.example.org": 200,
		"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200,
		"evil.example": 421, "files.example.org.evil.example": 421, "xfiles.example.org": 421, "localhost.evil.example": 421, "192.0.2.1": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		if got := serveBare(s, row{http.MethodGet, "/", s.rooms().machines.alive, gate.Public, limits.Page, gate.NoBody}, r,
			s.rooms().gate.ResolveClient); got.Code != want {
			t.Errorf("%s: %d, want %d", host, got.Code, want)
		}
	}
}

func TestOverTLS(t *testing.T) {
	s := newBareServer(t, nil)
	s.Options.Secure, s.Options.PublicURL = true, "https://files.example.org"
	s.Options.HSTS = "max-age=63072000"
	s.Options.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	tests := []struct {
		name, url, remote, proto string
		tls                      bool
		want                     int
		hsts                     bool
	}{
		{"http", "http://files.example.org/a?b=c", "203.0.113.9:1", "", false, 308, false},
		{"http that says it is https", "http://files.example.org/a?b=c", "203.0.113.9:1", "https", false, 308, false},
		{"the API by http", "http://files.example.org/api/v1/me", "203.0.113.9:1", "", false, 403, false},
		{"the API by http by a trusted proxy", "http://files.example.org/api/v1/me", "10.1.1.1:1", "http", false, 403, false},
		{"curl -T by http", "http://files.example.org/up/a.txt", "203.0.113.9:1", "", false, 403, false},
		{"the API by TLS", "https://files.example.org/api/v1/me", "203.0.113.9:1", "", true, 200, true},
		{"by a trusted proxy", "http://files.example.org/a", "10.1.1.1:1", "https", false, 200, true},
		{"http by a trusted proxy", "http://files.example.org/a?b=c", "10.1.1.1:1", "http", false, 308, false},
		{"TLS of our own", "https://files.example.org/a", "203.0.113.9:1", "", true, 200, true},
		{"from this machine", "http://files.example.org/a", "127.0.0.1:1", "", false, 200, false},
		{"a challenge", "http://files.example.org/.well-known/acme-challenge/x", "203.0.113.9:1", "", false, 200, false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, tt.url, nil)
		r.RemoteAddr = tt.remote
		if r.TLS = nil; tt.tls {
			r.TLS = new(tls.ConnectionState)
		}
		if tt.proto != "" {
			r.Header.Set("X-Forwarded-Proto", tt.proto)
		}
		got := serveBare(s, row{http.MethodGet, r.URL.Path, s.rooms().machines.alive, gate.Machines, limits.Page, gate.NoBody}, r,
			s.rooms().gate.ResolveClient, s.rooms().gate.SecureHeaders(), s.rooms().gate.RequireTLS)
		if got.Code != tt.want || (got.Header().Get("Strict-Transport-Security") != "") != tt.hsts {
			t.Errorf("%s: %d, HSTS %q; want %d, %v", tt.name, got.Code, got.Header().Get("Strict-Transport-Security"), tt.want, tt.hsts)
		}
		if want := "https://files.example.org/a?b=c"; tt.want == 308 && got.Header().Get("Location") != want {
			t.Errorf("%s: to %q, want %q", tt.name, got.Header().Get("Location"), want)
		}
	}
}
