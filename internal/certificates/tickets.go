package certificates

import (
	"crypto/rand"
	"crypto/tls"
	"sync"
	"time"
)

// ticketLife is how long new session tickets are sealed with one key; the key
// before still opens them, so a ticket is good for up to twice as long. Who
// gets hold of a key can read no more of TLS 1.2 than these hours.
const ticketLife = 6 * time.Hour

// tickets are the keys of session tickets (RFC 5077, RFC 8446, 4.6.1). Each
// process has its own: who comes back to another node shakes hands anew.
type tickets struct {
	mu      sync.Mutex
	configs []*tls.Config
	keys    [][32]byte // the one in use first
	since   time.Time
}

// rotate lets config use the keys, too, if it is not nil, and makes a new one
// if the one in use is too old.
func (t *tickets) rotate(config *tls.Config, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if config != nil {
		t.configs = append(t.configs, config)
	}
	if len(t.keys) == 0 || now.Sub(t.since) >= ticketLife {
		var key [32]byte
		_, _ = rand.Read(key[:]) // it never fails
		t.keys, t.since = append([][32]byte{key}, t.keys[:min(len(t.keys), 1)]...), now
	} else if config == nil {
		return
	}
	for _, one := range t.configs {
		one.SetSessionTicketKeys(t.keys)
	}
}
