package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

const site = models.Secret("a site key of more than 32 characters")

func newKey(t testing.TB, site models.Secret, purpose string) seal.Key {
	t.Helper()
	key, err := seal.NewKey(site, purpose)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRoundTrip(t *testing.T) {
	key := newKey(t, site, "tests")
	for _, plain := range []string{"", "x", strings.Repeat("long ", 10000)} {
		sealed := key.Seal("name", []byte(plain))
		if plain != "" && bytes.Contains(sealed, []byte(plain)) && len(plain) > 8 {
			t.Errorf("the sealed data contains the %d bytes of the secret", len(plain))
		}
		if bytes.Equal(sealed, key.Seal("name", []byte(plain))) {
			t.Error("sealing twice gives the same bytes")
		}
		opened, err := newKey(t, site, "tests").Open("name", sealed)
		if err != nil || string(opened) != plain {
			t.Errorf("opened %d bytes, %v; sealed %d", len(opened), err, len(plain))
		}
	}
}

func TestOpen_NeedsKeyPurposeAndName(t *testing.T) {
	sealed := newKey(t, site, "tests").Seal("name", []byte("plain"))
	for _, other := range []struct {
		what, name string
		key        seal.Key
	}{
		{"site key", "name", newKey(t, site+"!", "tests")},
		{"purpose", "name", newKey(t, site, "test")},
		{"name", "nam", newKey(t, site, "tests")},
		{"name", "", newKey(t, site, "tests")},
	} {
		if plain, err := other.key.Open(other.name, sealed); !errors.Is(err, seal.ErrWrongKey) || plain != nil {
			t.Errorf("with another %s: got %q, %v", other.what, plain, err)
		}
	}
}

func TestOpen_RejectsModifiedData(t *testing.T) {
	key := newKey(t, site, "tests")
	sealed := key.Seal("name", []byte("plain"))
	for i := range 8 * len(sealed) {
		changed := bytes.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := key.Open("name", changed); !errors.Is(err, seal.ErrWrongKey) {
			t.Errorf("bit %d changed: got %v", i, err)
		}
	}
	for i := range sealed {
		if _, err := key.Open("name", sealed[:i]); !errors.Is(err, seal.ErrWrongKey) {
			t.Errorf("cut to %d bytes: got %v", i, err)
		}
	}
}

func TestNewKey_RejectsShortSiteKeys(t *testing.T) {
	if _, err := seal.NewKey(site[:31], "tests"); err == nil || strings.Contains(err.Error(), string(site[:31])) {
		t.Errorf("31 characters: got %v", err)
	}
	if _, err := seal.NewKey(site[:32], "tests"); err != nil {
		t.Errorf("32 characters: got %v", err)
	}
}

func TestKey_IsNeverPrinted(t *testing.T) {
	key := newKey(t, site, "tests")
	type holder struct{ Key seal.Key }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, key); got != "[key]" {
			t.Errorf("%s prints %q", verb, got)
		}
		if got := fmt.Sprintf(verb, holder{key}); !strings.Contains(got, "[key]") {
			t.Errorf("%s in a struct prints %q", verb, got)
		}
	}
	text, err := json.Marshal(holder{key})
	if err != nil || string(text) != `{"Key":"[key]"}` {
		t.Errorf("JSON is %s, %v", text, err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("message", "key", key, "holder", &holder{key})
	slog.New(slog.NewTextHandler(&log, nil)).Info("message", "key", key, "holder", &holder{key})
	if got := strings.Count(log.String(), "[key]"); got != 4 {
		t.Errorf("%d of 4 keys are hidden in the log %s", got, &log)
	}
}

func FuzzOpen(f *testing.F) {
	key := newKey(f, site, "tests")
	f.Add("name", []byte{})
	f.Add("name", []byte{1})
	f.Add("name", bytes.Repeat([]byte{1}, 29))
	f.Add("other", key.Seal("name", []byte("plain")))
	f.Fuzz(func(t *testing.T, name string, sealed []byte) {
		plain, err := key.Open(name, sealed)
		if err == nil && name == "name" && string(plain) == "plain" {
			return // the fuzzer found the seed's name
		}
		if !errors.Is(err, seal.ErrWrongKey) || plain != nil {
			t.Errorf("got %q, %v", plain, err)
		}
	})
}

// A signature is only valid for its key, purpose and message.
func TestSigner(t *testing.T) {
	const site, other = "the site key of the tests, forty letters", "another key, and it is long enough too"
	signer := func(key, purpose string) seal.Signer {
		s, err := seal.NewSigner(models.Secret(key), purpose)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	signature := signer(site, "a").Sign([]byte("word"))
	for name, valid := range map[string]bool{
		"the same":        signer(site, "a").Verify([]byte("word"), signature),
		"another key":     signer(other, "a").Verify([]byte("word"), signature),
		"another purpose": signer(site, "b").Verify([]byte("word"), signature),
		"another word":    signer(site, "a").Verify([]byte("work"), signature),
		"no signature":    signer(site, "a").Verify([]byte("word"), nil),
	} {
		if valid != (name == "the same") {
			t.Errorf("%s: %v", name, valid)
		}
	}
	if _, err := seal.NewSigner("thirty-one letters are too few!", "a"); err == nil {
		t.Error("a short site key is accepted")
	}
}
