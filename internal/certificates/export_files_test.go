package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"time"
)

// Judge is judge: no certificate that is too weak or ill-made comes in by the
// front door.
func Judge(name string, cert *tls.Certificate, hosts []string, now time.Time, roots *x509.CertPool) State {
	return judge(name, cert, hosts, now, roots)
}
