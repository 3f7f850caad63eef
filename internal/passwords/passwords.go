// Package passwords hashes passwords of accounts, shares and file requests. It alone
// knows the algorithm, and how many hashes run at the same time.
package passwords

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"example.org/cloakroom/internal/problem"
)

// maxHashWait is how long a request waits for a free slot. If the machine cannot
// keep up, the visitor is asked to try again later.
const maxHashWait = 10 * time.Second

// A Hasher hashes passwords with argon2id (RFC 9106; OWASP ASVS 5.0, 11.4.2). It
// limits the number of concurrent hashes, because each needs much memory.
type Hasher struct {
	params argon2id.Params
	slots  chan struct{}
	dummy  string // looks like the hash of a password, and belongs to none
}

// NewHasher returns a Hasher for the given number of concurrent workers, each of
// which uses memory bytes and makes passes over them.
func NewHasher(memory int64, passes, workers int) (*Hasher, error) {
	h := &Hasher{
		params: argon2id.Params{
			Memory:      uint32(memory >> 10), //nolint:gosec // package config limits it
			Iterations:  uint32(passes),       //nolint:gosec // package config limits it
			Parallelism: 1, SaltLength: 16, KeyLength: 32,
		},
		slots: make(chan struct{}, workers),
	}
	// Comparing with it costs as much as with a real one. Making a real one would cost a
	// process, which may only ask for its version, the time and memory of a sign-in.
	noise := make([]byte, h.params.SaltLength+h.params.KeyLength)
	_, _ = rand.Read(noise) // never fails
	text := base64.RawStdEncoding.EncodeToString
	h.dummy = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.params.Memory, h.params.Iterations,
		h.params.Parallelism, text(noise[:h.params.SaltLength]), text(noise[h.params.SaltLength:]))
	if _, _, _, err := argon2id.DecodeHash(h.dummy); err != nil {
		return nil, fmt.Errorf("the parameters of passwords: %w", err)
	}
	return h, nil
}

// Hash returns the argon2id hash of password in PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (hash string, err error) {
	err = h.run(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(prepared(password), &h.params)
		return err
	})
	return hash, err
}

// Matches reports whether password has this hash, and whether the hash was made
// with other parameters than the current ones. With an empty hash it does the same
// work and reports false, so that response times do not reveal which users exist.
func (h *Hasher) Matches(ctx context.Context, password, hash string) (ok, outdated bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	err = h.run(ctx, func() error {
		match, params, err := argon2id.CheckHash(prepared(password), hash)
		if err != nil {
			return err
		}
		ok = match && known
		outdated = ok && (params.Memory != h.params.Memory || params.Iterations != h.params.Iterations)
		return nil
	})
	return ok, outdated, err
}

// prepared returns password in the one form in which it is hashed, so that it opens on
// every keyboard: composed characters (NFC), and every space as U+0020 (RFC 8265, 4.2).
// A password that the rules do not allow, for example with control characters, stays.
func prepared(password string) string {
	if s, err := precis.OpaqueString.String(password); err == nil {
		return s
	}
	return password
}

// run calls work when a slot is free. It fails if ctx ends, or with Unavailable
// after maxHashWait.
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
