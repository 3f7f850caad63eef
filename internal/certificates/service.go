package certificates

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

// Options say which certificates the site has and where they come from.
type Options struct {
	Mode      Mode
	Hosts     []string   // DNS names and IP addresses of the site, in lower case; the first is that of PUBLIC_URL
	Pairs     []FilePair // for Files
	Authority Authority  // for Autocert
}

// A Service provides the certificates of the site.
type Service struct {
	source     source
	cache      *cache      // nil for Files
	challenges *challenges // nil unless Autocert
	local      *localIssuer
	now        func() time.Time
	log        *slog.Logger
	cached     atomic.Pointer[[]State]
	tickets    tickets
	wake       chan struct{} // holds one value after Wake
}

// Open returns the service with the existing certificates loaded. Certificates in
// the database are sealed with the site key; Open fails if they were sealed with
// another key.
func Open(
	ctx context.Context, options Options, db *database.DB, key models.Secret, now func() time.Time, log *slog.Logger,
) (*Service, error) {
	s := &Service{
		source: nil, cache: nil, challenges: nil, local: nil, now: now, log: log, cached: atomic.Pointer[[]State]{}, tickets: tickets{},
		wake: make(chan struct{}, 1),
	}
	s.cached.Store(&[]State{})
	if options.Mode == Files {
		files, err := newFiles(options.Pairs, options.Hosts, now, log)
		if err != nil {
			return nil, err
		}
		s.source = files
		return s, s.updateStates(ctx)
	}
	sealing, err := seal.NewKey(key, "cloakroom certificates")
	if err != nil {
		return nil, fmt.Errorf("the site key: %w", err)
	}
	s.cache = &cache{db: db, key: sealing, authority: options.Authority.Directory, now: now, log: log}
	var issuer issuer
	var subjects []subject
	switch options.Mode {
	case Autocert:
		issuer = newACMEIssuer(s.cache, options.Authority)
		s.challenges = newChallenges(s.cache, options.Hosts)
		for _, host := range options.Hosts {
			subjects = append(subjects, subject{host, []string{host}})
		}
	case SelfSigned:
		hosts := options.Hosts
		for _, host := range localHosts() {
			if !slices.Contains(hosts, host) {
				hosts = append(slices.Clip(hosts), host)
			}
		}
		s.cache.authority = localAuthority
		s.local = &localIssuer{s.cache, hosts}
		issuer, subjects = s.local, []subject{{hosts[0], hosts}}
	case Off, Files:
		return nil, fmt.Errorf("TLS_MODE=%s stores no certificates in the database", options.Mode)
	}
	s.source = newDatabaseSource(s.cache, subjects, issuer)
	if err := checkKey(ctx, s.cache); err != nil {
		return nil, err
	}
	return s, s.updateStates(ctx)
}

// updateStates updates what CachedStates returns.
func (s *Service) updateStates(ctx context.Context) error {
	states, err := s.source.states(ctx)
	if err == nil {
		s.cached.Store(&states)
	}
	return err
}

// checkKey fails if the entries in the database were sealed with another site key.
func checkKey(ctx context.Context, c *cache) error {
	mark := *c
	mark.authority = "site key"
	_, err := mark.Get(ctx, "mark")
	if errors.Is(err, autocert.ErrCacheMiss) {
		return mark.Put(ctx, "mark", []byte("cloakroom"))
	}
	if errors.Is(err, seal.ErrWrongKey) {
		return errors.New("the certificates in the database were sealed with another site key: set SITE_KEY or SITE_KEY_FILE " +
			"to the previous value, as on the other servers; if that key is lost, `server certificate forget` starts over")
	}
	return err
}

// TLSConfig returns Mozilla's intermediate profile (wiki.mozilla.org/Security/
// Server_Side_TLS, 5.7; OWASP ASVS 5.0, 12.1): TLS 1.2 with forward secrecy and
// authenticated encryption, or TLS 1.3, whose cipher suites Go chooses.
func (s *Service) TLSConfig() *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384},
		NextProtos:       []string{"h2", "http/1.1"},
		GetCertificate:   s.certificate,
	}
	if s.challenges != nil {
		config.NextProtos = append(config.NextProtos, acme.ALPNProto)
	}
	s.tickets.rotate(config, s.now())
	return config
}

// certificate returns the certificate for a handshake.
func (s *Service) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.challenges != nil && isChallenge(hello) {
		return s.challenges.tls(hello)
	}
	return s.source.certificate(hello)
}

// Challenges returns a handler that answers HTTP-01 challenges of the certificate
// authority and passes other requests to next.
func (s *Service) Challenges(next http.Handler) http.Handler {
	if s.challenges == nil {
		return next
	}
	return s.challenges.http(next)
}

// States returns the current state of each certificate in files and database.
func (s *Service) States(ctx context.Context) ([]State, error) { return s.source.states(ctx) }

// CachedStates returns the states as of the last refresh: something has changed since then
// a few seconds ago at most.
func (s *Service) CachedStates() []State { return *s.cached.Load() }

// errNoLocal means that the site has no local authority.
var errNoLocal = errors.New("there is a local authority with TLS_MODE=self-signed only")

// LocalAuthority returns the certificate of the local authority in PEM format. It
// creates the authority if there is none.
func (s *Service) LocalAuthority(ctx context.Context) ([]byte, error) {
	if s.local == nil {
		return nil, errNoLocal
	}
	if err := s.source.refresh(ctx); err != nil {
		return nil, err
	}
	ca, err := s.local.ca(ctx)
	if errors.Is(err, autocert.ErrCacheMiss) {
		return nil, errors.New("a running server is creating the local authority: try again in a few seconds")
	}
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Leaf.Raw}), nil
}

// RevokeLocalAuthority deletes the local authority; the site stops using what it
// signed. Running servers create another within seconds, which must be imported
// again.
func (s *Service) RevokeLocalAuthority(ctx context.Context) error {
	if s.local == nil {
		return errNoLocal
	}
	return s.local.Delete(ctx, localCA)
}

// Forget deletes all certificates, keys and accounts from the database, for when
// the site key is lost. Running servers obtain new certificates within seconds.
func Forget(ctx context.Context, db *database.DB) error {
	return db.DeleteCertificateEntries(ctx)
}
