// Package seal keeps small secrets where others may read: in the rows of the
// database. It is the only package that encrypts, and it knows where the site
// key is.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"

	"example.org/cloakroom/internal/models"
)

// minSiteKey is how long the site key must be, in bytes.
const minSiteKey = 32

// version is the first byte of all that is sealed, should it ever be done
// otherwise.
const version = 1

// ErrWrongKey is returned for what was sealed with another key, under another
// name, or was changed since.
var ErrWrongKey = errors.New("this was sealed with another key, or was changed")

// A Key seals what is for one purpose, with AES-256-GCM.
type Key struct{ aead cipher.AEAD }

// NewKey derives the key of a purpose from the site key (HKDF, RFC 5869), which
// must have at least 32 bytes.
func NewKey(site models.Secret, purpose string) (Key, error) {
	if len(site) < minSiteKey {
		return Key{}, fmt.Errorf("the site key must have at least %d characters", minSiteKey)
	}
	const size = 32
	derived, err := hkdf.Key(sha256.New, []byte(site.Reveal()), nil, purpose, size)
	if err != nil {
		return Key{}, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return Key{}, fmt.Errorf("deriving a key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Key{}, fmt.Errorf("deriving a key: %w", err)
	}
	return Key{aead}, nil
}

// Seal encrypts plain so that it opens under the same name only.
func (k Key) Seal(name string, plain []byte) []byte {
	return k.aead.Seal([]byte{version}, nil, plain, []byte(name)) //nolint:gosec // that is the version; the nonce is random
}

// Open returns what was sealed under name, or ErrWrongKey.
func (k Key) Open(name string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != version {
		return nil, ErrWrongKey
	}
	plain, err := k.aead.Open(nil, nil, sealed[1:], []byte(name))
	if err != nil {
		return nil, ErrWrongKey
	}
	return plain, nil
}

// String hides the key from logs and formatted errors.
func (Key) String() string { return "[key]" }

// GoString does so for %#v.
func (k Key) GoString() string { return k.String() }

// LogValue does so for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText does so for JSON and its like.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
