// Package seal encrypts small secrets before they go into the database, and
// signs on behalf of the site. It alone derives keys from the site key and
// knows the file that holds it.
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

// minSiteKey is the minimum length of the site key in bytes.
const minSiteKey = 32

// version is the first byte of everything that is sealed; another format would
// use another byte.
const version = 1

// ErrWrongKey means that the data was sealed with another key, purpose or name,
// or was modified afterwards.
var ErrWrongKey = errors.New("sealed with a different key, or modified")

// A Key encrypts data of one purpose with AES-256-GCM. Printing it reveals
// nothing.
type Key struct{ aead cipher.AEAD }

// NewKey derives the key for a purpose from the site key (HKDF, RFC 5869). It
// fails if the site key has fewer than 32 bytes.
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

// Seal encrypts plain and binds it to name: Open needs the same name.
func (k Key) Seal(name string, plain []byte) []byte {
	return k.aead.Seal([]byte{version}, nil, plain, []byte(name)) //nolint:gosec // the first argument is the version byte; the nonce is random
}

// Open decrypts what Seal returned for name. It fails with ErrWrongKey.
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

// GoString hides the key from %#v.
func (k Key) GoString() string { return k.String() }

// LogValue hides the key from slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText hides the key from JSON and other encodings.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
