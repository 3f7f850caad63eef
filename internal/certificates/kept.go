package certificates

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.org/cloakroom/internal/models"
)

const (
	// attempt is how long it may take to get one certificate.
	attempt = 4 * time.Minute

	// moment is how long a visitor waits for the first certificate: less than
	// the ten seconds a handshake may take.
	moment = 5 * time.Second
)

// A subject is what one certificate is for.
type subject struct {
	name  string   // under which it is kept
	hosts []string // it must be good for
}

// An issuer gives certificates to the kept source.
type issuer interface {
	// issue gets a certificate for s and keeps it under its name.
	issue(ctx context.Context, s subject) error

	// distrusts says why nobody should believe the certificate, a sentence, or
	// nothing.
	distrusts(ctx context.Context, held *tls.Certificate) (string, error)
}

// kept is the source of certificates that are kept in the database, got or
// renewed by whichever node comes first, and used by all.
type kept struct {
	*cache
	subjects []subject
	issuer   issuer
	node     string // of all that share the database

	held    atomic.Pointer[map[string]*tls.Certificate] // by host
	turn    sync.Mutex                                  // held by the one who refreshes: the lease is for the node
	mu      sync.Mutex                                  // guards what follows, but for pressed, which is of the turn
	seen    map[string]time.Time                        // when each entry that is held was written
	byName  map[string]*tls.Certificate
	pressed bool          // nothing was tried yet: a failure from before this process began is no reason to wait
	changed chan struct{} // closed when there are other certificates, and made anew
}

func newKept(c *cache, subjects []subject, issuer issuer) *kept {
	k := &kept{
		cache: c, subjects: subjects, issuer: issuer, node: rand.Text(), seen: map[string]time.Time{},
		byName: map[string]*tls.Certificate{}, pressed: true, changed: make(chan struct{}),
	}
	k.held.Store(&map[string]*tls.Certificate{})
	return k
}

// certificate implements source. Whoever names no host gets the certificate of
// the first: programs that ask how we are by address. Who comes before there
// is one, just after the first start, waits a moment.
func (k *kept) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if host == "" {
		host = k.subjects[0].hosts[0]
	}
	if !k.wants(host) {
		return nil, errors.New("no certificate is for the host that was asked for")
	}
	if found := (*k.held.Load())[host]; found != nil {
		return found, nil
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	for {
		k.mu.Lock()
		changed, found := k.changed, (*k.held.Load())[host]
		k.mu.Unlock()
		if found != nil {
			return found, nil
		}
		select {
		case <-changed:
		case <-hello.Context().Done():
			return nil, hello.Context().Err()
		case <-timer.C:
			return nil, errors.New("there is no certificate yet")
		}
	}
}

func (k *kept) wants(host string) bool {
	return slices.ContainsFunc(k.subjects, func(s subject) bool { return slices.Contains(s.hosts, host) })
}

// refresh implements source.
func (k *kept) refresh(ctx context.Context) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	defer func() { k.pressed = false }()
	if err := k.load(ctx); err != nil {
		return err
	}
	due, err := k.due(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	lease := "certificates " + k.authority
	if mine, err := k.db.TakeLease(ctx, lease, k.node, k.now(), k.now().Add(attempt*time.Duration(len(due)+1))); err != nil || !mine {
		return err // another node is at it
	}
	defer func() { _ = k.db.ReleaseLease(context.WithoutCancel(ctx), lease, k.node) }() // else it ends by itself
	// Another node may have been at it until now.
	if err := k.load(ctx); err != nil {
		return err
	}
	if due, err = k.due(ctx); err != nil {
		return err
	}
	var errs []error
	for _, s := range due {
		errs = append(errs, k.get(ctx, s))
	}
	return errors.Join(errs...)
}

// load takes up what is new in the database.
func (k *kept) load(ctx context.Context) error {
	entries, err := k.db.CertificateEntries(ctx, k.authority)
	if err != nil {
		return err
	}
	written := map[string]models.CertificateEntry{}
	for _, entry := range entries {
		written[entry.Name] = entry
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	renewed := false
	for _, s := range k.subjects {
		entry, ok := written[s.name]
		if at, known := k.seen[s.name]; ok && known && at.Equal(entry.UpdatedAt) || !ok && !known {
			continue
		}
		renewed = true
		delete(k.byName, s.name)
		delete(k.seen, s.name)
		if !ok {
			continue
		}
		pair, err := k.parse(entry)
		if err != nil {
			errs = append(errs, fmt.Errorf("the certificate for %s: %w", s.name, err))
			continue
		}
		k.byName[s.name], k.seen[s.name] = pair, entry.UpdatedAt
	}
	if renewed {
		k.publish()
	}
	return errors.Join(errs...)
}

func (k *kept) parse(entry models.CertificateEntry) (*tls.Certificate, error) {
	plain, err := k.open(entry)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(plain, plain) // it finds its own part in each
	if err != nil {
		return nil, errors.New("what is kept is no certificate with its key")
	}
	return &pair, nil
}

// publish lets handshakes use what is held. The caller holds mu.
func (k *kept) publish() {
	hosts := map[string]*tls.Certificate{}
	for _, s := range k.subjects {
		for _, host := range s.hosts {
			if pair := k.byName[s.name]; pair != nil {
				hosts[host] = pair
			}
		}
	}
	k.held.Store(&hosts)
	close(k.changed)
	k.changed = make(chan struct{})
}

// due lists the subjects for which a certificate is to be got now.
func (k *kept) due(ctx context.Context) (due []subject, err error) {
	failures, err := k.failures(ctx)
	if err != nil {
		return nil, err
	}
	now := k.now()
	for _, s := range k.subjects {
		if f, failed := failures[s.name]; failed && now.Before(f.NextAt) && (f.Ordered || !k.pressed) {
			continue
		}
		pair := k.pair(s.name)
		if pair != nil && now.Before(renewAt(pair)) {
			broken, err := k.broken(ctx, s, pair)
			if err != nil {
				return nil, err
			}
			if len(broken) == 0 {
				continue
			}
		}
		due = append(due, s)
	}
	return due, nil
}

// broken says why visitors do not believe a certificate, if they do not.
func (k *kept) broken(ctx context.Context, s subject, pair *tls.Certificate) ([]string, error) {
	if pair == nil {
		return []string{"There is no certificate for " + s.name + " yet."}, nil
	}
	broken := judge(s.name, pair, s.hosts, k.now(), nil).Broken
	why, err := k.issuer.distrusts(ctx, pair)
	if why != "" {
		broken = append(broken, why)
	}
	return broken, err
}

func (k *kept) pair(name string) *tls.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byName[name]
}

// states implements source.
func (k *kept) states(ctx context.Context) (states []State, err error) {
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	failures, err := k.failures(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range k.subjects {
		state, pair := State{Name: s.name}, k.pair(s.name)
		if pair != nil {
			state = judge(s.name, pair, s.hosts, k.now(), nil)
		}
		if state.Broken, err = k.broken(ctx, s, pair); err != nil {
			return nil, err
		}
		if f, failed := failures[s.name]; failed {
			state.LastError, state.FailedAt, state.NextAt, state.Ordered = f.Message, f.FailedAt, f.NextAt, f.Ordered
		}
		states = append(states, state)
	}
	return states, nil
}
