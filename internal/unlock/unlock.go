// Package unlock checks the passwords of links, and remembers in a cookie which visitor
// knows one. It alone knows what such a cookie holds.
package unlock

import (
	"context"
	"net/netip"
	"strings"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

// A Lock is the password of a link.
type Lock struct {
	Link     string // the identifier of the share or request
	Password string // its argon2id hash; empty: there is none
}

// Keys checks passwords and cookies. A proof is bound to a lock: another password makes
// earlier proofs invalid.
type Keys struct {
	Hasher *passwords.Hasher
	MAC    seal.MAC
}

// ErrLocked returns the problem of a link that needs a password.
func ErrLocked() error {
	return problem.At("password", problem.New(problem.Unauthenticated, "This link needs a password."))
}

// IsLocked reports whether err is that of a link that needs a password, or another one.
func IsLocked(err error) bool {
	all := problem.All(err)
	return len(all) == 1 && all[0].Kind == problem.Unauthenticated && all[0].Field == "password"
}

// NewCookie returns a new cookie for a visitor of a link without a password.
func NewCookie() models.Secret { return models.Secret(newKey()) }

func newKey() string { return models.NewSecret().Reveal() }

// split returns the random key of a cookie, by which the visitor is known, and the proof
// that they know the password.
func split(cookie models.Secret) (key, proof string) {
	key, proof, _ = strings.Cut(cookie.Reveal(), ".")
	if !models.IsID(key) {
		return "", ""
	}
	return key, proof
}

// Holder returns the hash by which the visitor with the cookie is known, or "" without
// one.
func Holder(cookie models.Secret) models.SecretHash {
	key, _ := split(cookie)
	if key == "" {
		return ""
	}
	return models.Secret(key).Hash()
}

// Opens reports whether the cookie opens the lock.
func (k Keys) Opens(lock Lock, cookie models.Secret) bool {
	if lock.Password == "" {
		return true
	}
	key, proof := split(cookie)
	return key != "" && k.MAC.Matches(proof, "unlock", lock.Link, lock.Password, key)
}

// Open checks a password, and returns the visitor's cookie with the proof that they know
// it. A wrong password is Unauthenticated at the field "password". The caller counts the
// attempts.
func (k Keys) Open(ctx context.Context, lock Lock, cookie models.Secret, password string) (models.Secret, error) {
	if lock.Password == "" {
		return cookie, nil
	}
	if len(password) > 4*models.MaxPassword {
		password = ""
	}
	ok, _, err := k.Hasher.Matches(ctx, password, lock.Password)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", problem.At("password", problem.New(problem.Unauthenticated, "Wrong password."))
	}
	key, _ := split(cookie)
	if key == "" {
		key = newKey()
	}
	return models.Secret(key + "." + k.MAC.Sum("unlock", lock.Link, lock.Password, key)), nil
}

// Network returns a code of the visitor's IPv4 address or IPv6 /64 for this link, or ""
// if the address is unknown.
func (k Keys) Network(link string, addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	const bits6 = 64
	if addr.Is6() {
		prefix, _ := addr.Prefix(bits6) // an IPv6 address has that many bits
		addr = prefix.Addr()
	}
	if addr == (netip.Addr{}) {
		return ""
	}
	return k.MAC.Sum("network", link, addr.String())
}
