package certificates

import (
	"crypto/rand"
	"crypto/tls"
	"sync"
	"time"
)

// ticketLife is how long one key encrypts new session tickets. The previous key is
// still accepted, so a ticket is valid for up to twice as long. A stolen key
// decrypts TLS 1.2 connections of these hours only.
const ticketLife = 6 * time.Hour

// tickets holds the keys of session tickets (RFC 5077; RFC 8446, 4.6.1). Each
// process has its own keys: resuming a session on another node needs a full
// handshake.
type tickets struct {
	mu      sync.Mutex
	configs []*tls.Config
	keys    [][32]byte // the current one first
	since   time.Time  // when the current one was created
}

// rotate creates a new key if the current one is too old. If config is not nil, it
// uses the keys from now on.
func (t *tickets) rotate(config *tls.Config, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if config != nil {
		t.configs = append(t.configs, config)
	}
	if len(t.keys) == 0 || now.Sub(t.since) >= ticketLife {
		var key [32]byte
		_, _ = rand.Read(key[:]) // never fails
		t.keys, t.since = append([][32]byte{key}, t.keys[:min(len(t.keys), 1)]...), now
	} else if config == nil {
		return
	}
	for _, one := range t.configs {
		one.SetSessionTicketKeys(t.keys)
	}
}
