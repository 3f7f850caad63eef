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

// Settings say which certificates the site has.
type Settings struct {
	Mode      Mode
	Hosts     []string // names and addresses of the site, in lower case; the first is the one of PUBLIC_URL
	Pairs     []FilePair
	Authority Authority
}

// A Service gives the site its certificates.
type Service struct {
	source     source
	cache      *cache      // nil with files
	challenges *challenges // nil unless by ACME
	local      *localIssuer
	now        func() time.Time
	log        *slog.Logger
	known      atomic.Pointer[[]State]
	tickets    tickets
}

// Open returns the certificates of settings, those that are there already
// loaded. What the database keeps it seals with the site key; it refuses one
// that is not the key of what is there.
func Open(ctx context.Context, settings Settings, db *database.DB, key models.Secret, now func() time.Time, log *slog.Logger) (*Service, error) {
	s := &Service{source: nil, cache: nil, challenges: nil, local: nil, now: now, log: log, known: atomic.Pointer[[]State]{}, tickets: tickets{}}
	s.known.Store(&[]State{})
	if settings.Mode == Files {
		files, err := newFiles(settings.Pairs, settings.Hosts, now, log)
		if err != nil {
			return nil, err
		}
		s.source = files
		return s, s.look(ctx)
	}
	sealing, err := seal.NewKey(key, "cloakroom certificates")
	if err != nil {
		return nil, fmt.Errorf("the site key: %w", err)
	}
	s.cache = &cache{db: db, key: sealing, authority: settings.Authority.Directory, now: now, log: log}
	var issuer issuer
	var subjects []subject
	switch settings.Mode {
	case Autocert:
		issuer = newACMEIssuer(s.cache, settings.Authority)
		s.challenges = newChallenges(s.cache, settings.Hosts)
		for _, host := range settings.Hosts {
			subjects = append(subjects, subject{host, []string{host}})
		}
	case SelfSigned:
		hosts := settings.Hosts
		for _, host := range own() {
			if !slices.Contains(hosts, host) {
				hosts = append(slices.Clip(hosts), host)
			}
		}
		s.cache.authority = localAuthority
		s.local = &localIssuer{s.cache, hosts}
		issuer, subjects = s.local, []subject{{hosts[0], hosts}}
	case Off, Files:
		return nil, fmt.Errorf("TLS_MODE=%s keeps no certificates", settings.Mode)
	}
	s.source = newKept(s.cache, subjects, issuer)
	if err := checkKey(ctx, s.cache); err != nil {
		return nil, err
	}
	return s, s.look(ctx)
}

// look finds out how the certificates are.
func (s *Service) look(ctx context.Context) error {
	states, err := s.source.states(ctx)
	if err == nil {
		s.known.Store(&states)
	}
	return err
}

// checkKey finds out whether the site key is the one that sealed what is there.
func checkKey(ctx context.Context, c *cache) error {
	mark := *c
	mark.authority = "site key"
	_, err := mark.Get(ctx, "mark")
	if errors.Is(err, autocert.ErrCacheMiss) {
		return mark.Put(ctx, "mark", []byte("cloakroom"))
	}
	if errors.Is(err, seal.ErrWrongKey) {
		return errors.New("the certificates in the database were sealed with another site key: set SITE_KEY or SITE_KEY_FILE " +
			"as it was, or as on the other servers; if that key is lost, `server certificate forget` begins anew")
	}
	return err
}

// TLSConfig is Mozilla's intermediate profile (wiki.mozilla.org/Security/
// Server_Side_TLS, 5.7; OWASP ASVS 5.0, 12.1): TLS 1.2 with forward secrecy and
// authenticated encryption, or TLS 1.3, whose suites Go chooses itself.
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

func (s *Service) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.challenges != nil && asked(hello) {
		return s.challenges.tls(hello)
	}
	return s.source.certificate(hello)
}

// Challenges answers what a certificate authority asks by HTTP-01, and leaves
// the rest to next.
func (s *Service) Challenges(next http.Handler) http.Handler {
	if s.challenges == nil {
		return next
	}
	return s.challenges.http(next)
}

// States tells how each certificate is, as it is now in files and database.
func (s *Service) States(ctx context.Context) ([]State, error) { return s.source.states(ctx) }

// Known is what States said when it was last looked at, seconds ago.
func (s *Service) Known() []State { return *s.known.Load() }

// errNoLocal is for who asks for the local authority where there is none.
var errNoLocal = errors.New("there is a local authority with TLS_MODE=self-signed only")

// LocalAuthority returns the certificate of the local authority in PEM, which
// it makes if there is none yet.
func (s *Service) LocalAuthority(ctx context.Context) ([]byte, error) {
	if s.local == nil {
		return nil, errNoLocal
	}
	if err := s.source.refresh(ctx); err != nil {
		return nil, err
	}
	ca, err := s.local.ca(ctx)
	if errors.Is(err, autocert.ErrCacheMiss) {
		return nil, errors.New("a running server is about to make the local authority: ask again in a moment")
	}
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Leaf.Raw}), nil
}

// RevokeLocalAuthority ends the trust in the local authority and in what it
// signed. Running servers make another within seconds, which is to be imported
// anew.
func (s *Service) RevokeLocalAuthority(ctx context.Context) error {
	if s.local == nil {
		return errNoLocal
	}
	return s.local.Delete(ctx, localCA)
}

// Forget removes all that is kept for TLS, whoever gave it: for when the site
// key is lost. Servers that run get new certificates within seconds.
func Forget(ctx context.Context, db *database.DB) error {
	return db.DeleteCertificateEntries(ctx)
}
