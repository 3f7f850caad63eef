package unlock_test

import (
	"net/netip"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/unlock"
)

// A cookie opens the link whose password its holder knew, until the password changes, and
// no other link, even one whose password has the same hash.
func TestKeys_BindTheProofToTheLink(t *testing.T) {
	hasher, err := passwords.NewHasher(64<<10, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := seal.NewMAC("the site key of the tests, forty letters", "test")
	if err != nil {
		t.Fatal(err)
	}
	keys := unlock.Keys{Hasher: hasher, MAC: mac}
	hash, err := hasher.Hash(t.Context(), "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	lock, before := unlock.Lock{Link: "A", Password: hash}, unlock.NewCookie()
	if _, err := keys.Open(t.Context(), lock, before, "not this one"); !unlock.IsLocked(err) {
		t.Errorf("a wrong password: %v", err)
	}
	cookie, err := keys.Open(t.Context(), lock, before, "open sesame")
	if err != nil || unlock.Holder(cookie) != unlock.Holder(before) {
		t.Fatalf("the right password: %v", err)
	}
	for name, tt := range map[string]struct {
		lock  unlock.Lock
		opens bool
	}{
		"the link": {lock, true}, "another link": {unlock.Lock{Link: "B", Password: hash}, false},
		"another password": {unlock.Lock{Link: "A", Password: hash + "x"}, false}, "no password": {unlock.Lock{Link: "B"}, true},
	} {
		if got := keys.Opens(tt.lock, cookie); got != tt.opens {
			t.Errorf("%s opens: %v", name, got)
		}
	}
	other := unlock.NewCookie().Reveal() + "." + cookie.Reveal()[len(before)+1:]
	for _, forged := range []string{"", ".", other, before.Reveal(), before.Reveal() + "."} {
		if keys.Opens(lock, models.Secret(forged)) {
			t.Errorf("the cookie %q opens it", forged)
		}
	}
	if keys.Network("A", netip.MustParseAddr("2001:db8::1")) != keys.Network("A", netip.MustParseAddr("2001:db8::2")) ||
		keys.Network("A", netip.MustParseAddr("192.0.2.1")) == keys.Network("B", netip.MustParseAddr("192.0.2.1")) {
		t.Error("a network is not known again, or it is at another link")
	}
}
