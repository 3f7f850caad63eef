// Package certificates provides the TLS certificates of the site and reports
// their state. It alone knows ACME and where private keys are stored.
//
// A certificate comes from a certificate authority (ACME), from files that the
// operator maintains, or, for development, from a local authority. Certificates
// from an authority are stored in the database, sealed, and shared by all nodes.
package certificates

import (
	"context"
	"crypto/tls"
	"time"
)

// A Mode says where the certificates of the site come from.
type Mode string

// The values of TLS_MODE.
const (
	Off        Mode = "off"
	Autocert   Mode = "autocert"
	Files      Mode = "files"
	SelfSigned Mode = "self-signed"
)

// A source provides the certificates of one mode. Its methods may be called
// concurrently.
type source interface {
	// certificate returns the certificate for a handshake. It waits at most
	// firstWait.
	certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error)

	// refresh loads new certificates, and obtains those that are due. It is called
	// after a change in the database, when stale reports true, and when the time of
	// next has come. If it fails, the current certificates stay in use.
	refresh(ctx context.Context) error

	// stale reports whether something outside the database has changed since the
	// last refresh. It costs next to nothing.
	stale() bool

	// next returns when refresh has something to do even if nothing changes; zero: never.
	next() time.Time

	// states returns the state of each certificate, sorted by name.
	states(ctx context.Context) ([]State, error)
}

// A State describes one certificate.
type State struct {
	Name      string    // a host, or the path of the file
	Hosts     []string  // DNS names and IP addresses for which it is valid
	Issuer    string    // common name or organisation
	Serial    string    // in hexadecimal
	NotBefore time.Time // zero if there is no certificate, like Hosts, Issuer and Serial
	NotAfter  time.Time
	Broken    []string // reasons why browsers reject it, as sentences; empty: they accept it
	Notes     []string // remarks, as sentences

	LastError string    // why the last attempt to obtain a new one failed, for operators; empty: it did not
	FailedAt  time.Time // time of that failure
	NextAt    time.Time // time of the next attempt; zero: no wait
	Ordered   bool      // the authority set NextAt
}

// NeedsAttention reports whether an operator must act: browsers reject the
// certificate, or will soon.
func NeedsAttention(level Level) bool { return level != LevelOK && level != LevelExpiring }
