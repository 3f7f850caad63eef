package gate

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOrigin_BelievesOnlyTrustedProxies(t *testing.T) {
	s := &Gate{Options: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	tests := []struct {
		name, remote string
		forwarded    []string
		addr         string
		https        bool
	}{
		{"a stranger's word", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9", false},
		{"one proxy", "10.1.1.1:1", []string{"198.51.100.1"}, "198.51.100.1", true},
		{"the visitor added one", "10.1.1.1:1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1", true},
		{"two proxies", "10.1.1.1:1", []string{"1.1.1.1, 198.51.100.1, 10.2.2.2"}, "198.51.100.1", true},
		{"two headers", "10.1.1.1:1", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1", true},
		{"rubbish further left", "10.1.1.1:1", []string{"rubbish, 10.3.3.3"}, "10.3.3.3", true},
		{"only rubbish", "10.1.1.1:1", []string{"unknown"}, "10.1.1.1", true},
		{"IPv6 with zone and port", "[fd00::1%eth0]:1", []string{"[2001:db8::7]:4711"}, "2001:db8::7", true},
		{"IPv4 in IPv6", "[::ffff:10.1.1.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1", true},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "http://cloakroom.test/", nil)
		r.RemoteAddr = tt.remote
		r.Header["X-Forwarded-For"] = tt.forwarded
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-Host", "forwarded.test")
		h := s.resolveOrigin(r)
		if h.Addr.String() != tt.addr || h.HTTPS != tt.https || (h.Host == "forwarded.test") != tt.https {
			t.Errorf("%s: %+v; want %s, %v", tt.name, h, tt.addr, tt.https)
		}
	}
}
