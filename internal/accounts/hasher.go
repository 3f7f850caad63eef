package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"

	"example.org/cloakroom/internal/problem"
)

// maxHashWait is how long a visitor waits for their turn to be hashed: then
// there are more than the machine can serve, and whoever waits is told.
const maxHashWait = 10 * time.Second

// A Hasher hashes passwords with argon2id (RFC 9106; OWASP ASVS 5.0, 11.4.2).
// It does only so many at once: each takes much memory on purpose.
type Hasher struct {
	params argon2id.Params
	slots  chan struct{}
	decoy  string // the hash of a password nobody has
}

// NewHasher returns a Hasher that does workers hashes at once, each with
// memory bytes and passes over them.
func NewHasher(memory int64, passes, workers int) (*Hasher, error) {
	h := &Hasher{
		params: argon2id.Params{Memory: uint32(memory >> 10), Iterations: uint32(passes), Parallelism: 1, SaltLength: 16, KeyLength: 32}, //nolint:gosec // package config bounds both
		slots:  make(chan struct{}, workers),
	}
	decoy, err := argon2id.CreateHash("a password that nobody has", &h.params)
	if err != nil {
		return nil, fmt.Errorf("hashing the decoy: %w", err)
	}
	h.decoy = decoy
	return h, nil
}

// Hash returns the argon2id hash of password in PHC form.
func (h *Hasher) Hash(ctx context.Context, password string) (hash string, err error) {
	err = h.run(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(password, &h.params)
		return err
	})
	return hash, err
}

// Matches reports whether password has this hash, and whether the hash was
// made with weaker parameters than today's. With an empty hash it does the
// same work and reports false, so that time does not tell who has an account.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (ok, outdated bool, err error) {
	known := hash != ""
	if !known {
		hash = h.decoy
	}
	err = h.run(ctx, func() error {
		match, params, err := argon2id.CheckHash(password, hash)
		if err != nil {
			return err
		}
		ok = match && known
		outdated = ok && (params.Memory != h.params.Memory || params.Iterations != h.params.Iterations)
		return nil
	})
	return ok, outdated, err
}

// run does work when a slot is free. It gives up with ctx, or with an
// Unavailable problem when none gets free in time.
func (h *Hasher) run(ctx context.Context, work func() error) error {
	late := time.NewTimer(maxHashWait)
	defer late.Stop()
	select {
	case h.slots <- struct{}{}:
	case <-late.C:
		busy := problem.New(problem.Unavailable, "The server is busy. Try again in a moment.")
		busy.RetryIn = maxHashWait
		return busy
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.slots }()
	return work()
}
