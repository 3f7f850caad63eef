// Package certificates gives the site its certificates, and tells how they
// are. It is the only package that knows ACME and where private keys are.
//
// A certificate comes from a certificate authority by ACME, from files that
// somebody else keeps, or, for development, from a local authority. What is
// got or made is kept in the database, sealed, so that all nodes share it.
package certificates

import (
	"context"
	"crypto/tls"
	"time"
)

// A Mode is where the certificates of the site come from.
type Mode string

// The modes, as TLS_MODE names them.
const (
	Off        Mode = "off"
	Autocert   Mode = "autocert"
	Files      Mode = "files"
	SelfSigned Mode = "self-signed"
)

// A source gives the certificates of one mode. Its methods may be called at
// once from many goroutines.
type source interface {
	// certificate returns what hello is answered with. It never waits for
	// more than a moment.
	certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error)

	// refresh looks for newer certificates, and gets them if they are due. It
	// is called every few seconds. When it fails, what was there stays.
	refresh(ctx context.Context) error

	// states tells how each certificate is, sorted by name.
	states(ctx context.Context) ([]State, error)
}

// A State is how one certificate is.
type State struct {
	Name      string    // what it is called here: a host, or the file it is in
	Hosts     []string  // names and addresses it is good for
	Issuer    string    // who signed it
	Serial    string    // in hexadecimal
	NotBefore time.Time // zero, as all above but the name, if there is none
	NotAfter  time.Time
	Broken    []string // why visitors do not believe it, a sentence each; none: they do
	Notes     []string // what is worth knowing, a sentence each

	LastError string    // why the last try to get a new one failed, in plain words; empty: it did not
	FailedAt  time.Time // when that was
	NextAt    time.Time // when the next try is; zero: every few seconds, or when the certificate is due
	Ordered   bool      // it is the authority who wants no try before
}

// Needy reports whether somebody must look after a certificate: it is not
// believed, or will soon not be.
func Needy(level Level) bool { return level != LevelOK && level != LevelExpiring }
