package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"time"
)

// Inspect exports inspect: certificates that are too weak or malformed cannot be
// loaded through the public API.
func Inspect(name string, cert *tls.Certificate, hosts []string, now time.Time, roots *x509.CertPool) State {
	return inspect(name, cert, hosts, now, roots)
}

// Due returns when the first certificate is to be renewed.
func (s *Service) Due() time.Time { return s.source.next() }
