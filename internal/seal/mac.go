package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"example.org/cloakroom/internal/models"
)

// A MAC makes codes that only this site can make (HMAC-SHA-256, RFC 2104), with a key
// derived from the site key.
type MAC struct{ key []byte }

// NewMAC derives the key for a purpose from the site key. It fails if the site key has
// fewer than 32 bytes.
func NewMAC(site models.Secret, purpose string) (MAC, error) {
	if len(site) < minSiteKey {
		return MAC{}, fmt.Errorf("the site key must have at least %d characters", minSiteKey)
	}
	key, err := hkdf.Key(sha256.New, []byte(site.Reveal()), nil, "mac "+purpose, sha256.Size)
	if err != nil {
		return MAC{}, fmt.Errorf("deriving a key: %w", err)
	}
	return MAC{key}, nil
}

// Sum returns the code of parts in hexadecimal. The length of each part is a part of the
// message, so that different parts never have the same code. The zero MAC panics: an
// empty key would accept the codes of everybody (CVE-2023-49105).
func (m MAC) Sum(parts ...string) string {
	if len(m.key) == 0 {
		panic("seal: a MAC without a key")
	}
	h := hmac.New(sha256.New, m.key)
	var length [4]byte
	for _, part := range parts {
		binary.BigEndian.PutUint32(length[:], uint32(len(part))) //nolint:gosec // a part is a few bytes
		h.Write(length[:])
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Matches reports whether code is the code of parts, in constant time.
func (m MAC) Matches(code string, parts ...string) bool {
	return hmac.Equal([]byte(code), []byte(m.Sum(parts...)))
}

// String hides the key from logs and formatted errors.
func (MAC) String() string { return "[key]" }

// GoString hides the key from %#v.
func (m MAC) GoString() string { return m.String() }
