package models_test

import (
	"net/netip"
	"testing"

	"example.org/cloakroom/internal/models"
)

func TestParseIPPrefix(t *testing.T) {
	for typed, want := range map[string]models.IPPrefix{
		"192.0.2.7": "192.0.2.7/32", " 192.0.2.7/24 ": "192.0.2.0/24", "0.0.0.0/0": "0.0.0.0/0", "2001:DB8::1": "2001:db8::1/128",
		"2001:db8:ffff::/32": "2001:db8::/32", "::/0": "::/0", "::ffff:192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7/120": "192.0.2.0/24",
		"::ffff:0.0.0.0/96": "0.0.0.0/0",
		"":                  "", "192.0.2": "", "192.0.2.256": "", "192.0.2.7/33": "", "192.0.2.7/-1": "", "192.0.2.7/024": "", "192.0.2.07": "",
		"fe80::1%eth0":    "",
		"fe80::1%eth0/64": "", "::ffff:0:0/95": "", "example.org": "", "192.0.2.7, 192.0.2.8": "", "192.0.2.7/24/24": "",
		"\x00": "", "::1/129": "",
	} {
		got, err := models.ParseIPPrefix(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q = %q, %v", typed, got, err)
		}
	}
}

// Every accepted prefix is masked, parses to itself, and is not an IPv4-mapped
// IPv6 address.
func FuzzParseIPPrefix(f *testing.F) {
	for _, seed := range []string{"192.0.2.7", "192.0.2.7/24", "::ffff:192.0.2.7/120", "2001:db8::/32", "fe80::1%eth0", "::/0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := models.ParseIPPrefix(s)
		if err != nil {
			return
		}
		network, err := netip.ParsePrefix(string(got))
		if err != nil || network.Masked() != network || network.Addr().Is4In6() || got.Network() != network {
			t.Errorf("%q is taken as %q", s, got)
		}
		if again, err := models.ParseIPPrefix(string(got)); err != nil || again != got {
			t.Errorf("%q is read again as %q, %v", got, again, err)
		}
	})
}
