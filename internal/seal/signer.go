package seal

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"example.org/cloakroom/internal/models"
)

// A Signer signs with an Ed25519 key (RFC 8032) derived from the site key.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner derives the signing key for a purpose from the site key. It fails
// if the site key has fewer than 32 bytes.
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

// Verify reports whether signature is the signature of message by s.
func (s Signer) Verify(message, signature []byte) bool {
	public, ok := s.key.Public().(ed25519.PublicKey)
	return ok && ed25519.Verify(public, message, signature)
}
