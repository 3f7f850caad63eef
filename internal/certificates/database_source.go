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
	// issueTimeout limits the time to obtain one certificate.
	issueTimeout = 4 * time.Minute

	// firstWait is how long a handshake waits for the first certificate: less than
	// the ten seconds after which the server aborts a handshake.
	firstWait = 5 * time.Second
)

// A subject describes one certificate.
type subject struct {
	name  string   // name of its entry in the database
	hosts []string // for which it must be valid
}

// An issuer creates certificates for a databaseSource.
type issuer interface {
	// issue obtains a certificate for s and stores it under the subject's name.
	issue(ctx context.Context, s subject) error

	// distrusted returns a sentence that says why the certificate must be
	// replaced, or "" if it need not be.
	distrusted(ctx context.Context, held *tls.Certificate) (string, error)
}

// databaseSource serves certificates stored in the database and renews them under
// a lease, so that one node renews a certificate for all.
type databaseSource struct {
	*cache
	subjects []subject
	issuer   issuer
	node     string // random name of this process, for the lease

	held        atomic.Pointer[map[string]*tls.Certificate] // by host
	turn        sync.Mutex                                  // serialises refresh and guards skipBackoff: the lease covers the whole node
	mu          sync.Mutex                                  // guards the fields below, except skipBackoff
	seen        map[string]time.Time                        // when each loaded entry was written
	byName      map[string]*tls.Certificate
	elsewhere   bool          // another node renews, or has died doing so
	skipBackoff bool          // true until the first refresh: a new process does not wait for earlier failures
	changed     chan struct{} // closed and replaced when the certificates change
}

func newDatabaseSource(c *cache, subjects []subject, issuer issuer) *databaseSource {
	k := &databaseSource{
		cache: c, subjects: subjects, issuer: issuer, node: rand.Text(), seen: map[string]time.Time{},
		byName: map[string]*tls.Certificate{}, skipBackoff: true, changed: make(chan struct{}),
	}
	k.held.Store(&map[string]*tls.Certificate{})
	return k
}

// certificate implements source. Clients that name no host, such as monitoring by
// IP address, get the certificate of the first host. After the very first start,
// handshakes wait up to firstWait until there is a certificate.
func (k *databaseSource) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if host == "" {
		host = k.subjects[0].hosts[0]
	}
	if !k.covers(host) {
		return nil, errors.New("no certificate is for the host that was asked for")
	}
	if found := (*k.held.Load())[host]; found != nil {
		return found, nil
	}
	timer := time.NewTimer(firstWait)
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

// covers reports whether host belongs to one of the subjects.
func (k *databaseSource) covers(host string) bool {
	return slices.ContainsFunc(k.subjects, func(s subject) bool { return slices.Contains(s.hosts, host) })
}

// refresh implements source. If certificates are due, it takes the lease, checks
// again, and obtains them one after the other.
func (k *databaseSource) refresh(ctx context.Context) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	defer func() { k.skipBackoff = false }()
	if err := k.load(ctx); err != nil {
		return err
	}
	due, err := k.due(ctx)
	if err != nil || len(due) == 0 {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.elsewhere = false
		return err
	}
	lease := "certificates " + k.authority
	until := k.now().Add(issueTimeout * time.Duration(len(due)+1))
	taken, err := k.db.TakeLease(ctx, lease, k.node, k.now(), until)
	k.mu.Lock()
	k.elsewhere = err == nil && !taken
	k.mu.Unlock()
	if err != nil || !taken {
		return err
	}
	defer func() { _ = k.db.ReleaseLease(context.WithoutCancel(ctx), lease, k.node) }() // if this fails, the lease expires
	// Another node may have renewed until we got the lease.
	if err := k.load(ctx); err != nil {
		return err
	}
	if due, err = k.due(ctx); err != nil {
		return err
	}
	var errs []error
	for _, s := range due {
		errs = append(errs, k.renew(ctx, s))
	}
	return errors.Join(errs...)
}

// load reads the certificates that have changed in the database.
func (k *databaseSource) load(ctx context.Context) error {
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

// parse decrypts an entry and returns its certificate.
func (k *databaseSource) parse(entry models.CertificateEntry) (*tls.Certificate, error) {
	plain, err := k.open(entry)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(plain, plain) // the entry contains both
	if err != nil {
		return nil, errors.New("the stored entry is not a certificate with its key")
	}
	return &pair, nil
}

// publish makes the loaded certificates available to handshakes. The caller holds mu.
func (k *databaseSource) publish() {
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

// due returns the subjects that need a new certificate now.
func (k *databaseSource) due(ctx context.Context) (due []subject, err error) {
	failures, err := k.failures(ctx)
	if err != nil {
		return nil, err
	}
	now := k.now()
	for _, s := range k.subjects {
		if f, failed := failures[s.name]; failed && now.Before(f.NextAt) && (f.Ordered || !k.skipBackoff) {
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

// broken returns the reasons why browsers reject a certificate, as sentences.
func (k *databaseSource) broken(ctx context.Context, s subject, pair *tls.Certificate) ([]string, error) {
	if pair == nil {
		return []string{"There is no certificate for " + s.name + " yet."}, nil
	}
	broken := inspect(s.name, pair, s.hosts, k.now(), nil).Broken
	why, err := k.issuer.distrusted(ctx, pair)
	if why != "" {
		broken = append(broken, why)
	}
	return broken, err
}

// pair returns the loaded certificate with this name, or nil.
func (k *databaseSource) pair(name string) *tls.Certificate {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byName[name]
}

// states implements source.
func (k *databaseSource) states(ctx context.Context) (states []State, err error) {
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
			state = inspect(s.name, pair, s.hosts, k.now(), nil)
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
