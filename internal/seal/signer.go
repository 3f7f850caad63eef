package seal

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"example.org/cloakroom/internal/models"
)

// A Signer signs with a key that only who has the site key can make (Ed25519,
// RFC 8032).
type Signer struct{ key ed25519.PrivateKey }

// NewSigner derives the key of a purpose from the site key, which must have at
// least 32 bytes.
func NewSigner(site models.Secret, purpose string) (Signer, error) {
	if len(site) < minSiteKey {
		return Signer{}, fmt.Errorf("the site key must have at least %d characters", minSiteKey)
	}
	seed, err := hkdf.Key(sha256.New, []byte(site.Reveal()), nil, "sign "+purpose, ed25519.SeedSize)
	if err != nil {
		return Signer{}, fmt.Errorf("deriving a key: %w", err)
	}
	return Signer{ed25519.NewKeyFromSeed(seed)}, nil
}

// Sign returns the signature of message.
func (s Signer) Sign(message []byte) []byte { return ed25519.Sign(s.key, message) }

// Signed reports whether signature is that of message by s.
func (s Signer) Signed(message, signature []byte) bool {
	public, ok := s.key.Public().(ed25519.PublicKey)
	return ok && ed25519.Verify(public, message, signature)
}
