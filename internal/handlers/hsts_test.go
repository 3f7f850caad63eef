package handlers_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/models"
)

// Over TLS every response has HSTS, those of the first guards too.
func TestHSTS_IsOnEveryResponse(t *testing.T) {
	const hsts = "max-age=63072000"
	s := newSiteWith(t, gate.Options{Secure: true, HSTS: hsts})
	admin := models.Actor{Client: models.Client{Addr: netip.MustParseAddr("192.0.2.7")}}
	rule := iprules.Input{Prefix: "203.0.113.9", Action: "block", Note: "a scanner"}
	if _, err := s.server.IPRules.Create(t.Context(), admin, rule); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		method, path, from, site string
		want                     int
	}{
		"a page":               {http.MethodGet, "/", "192.0.2.1:1", "none", 200},
		"no page":              {http.MethodGet, "/nowhere", "192.0.2.1:1", "none", 404},
		"the API":              {http.MethodGet, "/api/v1/me", "192.0.2.1:1", "none", 401},
		"a health check":       {http.MethodGet, "/livez", "192.0.2.1:1", "none", 200},
		"a long URL":           {http.MethodGet, "/" + strings.Repeat("a", gate.MaxURL), "192.0.2.1:1", "none", 414},
		"a blocked address":    {http.MethodGet, "/", "203.0.113.9:1", "none", 403},
		"from another site":    {http.MethodPost, "/login", "192.0.2.1:1", "cross-site", 403},
		"a method of no route": {http.MethodDelete, "/login", "192.0.2.1:1", "same-origin", 405},
	} {
		r := httptest.NewRequest(tt.method, publicURL+tt.path, nil)
		r.RemoteAddr, r.TLS = tt.from, new(tls.ConnectionState)
		r.Header.Set("Sec-Fetch-Site", tt.site)
		got := httptest.NewRecorder()
		s.handler.ServeHTTP(got, r)
		if got.Code != tt.want || got.Header().Get("Strict-Transport-Security") != hsts {
			t.Errorf("%s: %d, HSTS %q; want %d", name, got.Code, got.Header().Get("Strict-Transport-Security"), tt.want)
		}
	}
}
