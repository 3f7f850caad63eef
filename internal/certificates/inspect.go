package certificates

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Level summarises the state of a certificate.
type Level string

// The levels, from the best to the worst.
const (
	LevelOK       Level = "ok"
	LevelExpiring Level = "expiring" // less than 30 days left
	LevelFailing  Level = "failing"  // less than 14 days left
	LevelBroken   Level = "broken"   // browsers reject it
	LevelMissing  Level = "missing"  // there is none
)

const day = 24 * time.Hour

// DaysLeft returns the whole days until the certificate expires: negative if it
// has expired, and zero if there is none.
func (s State) DaysLeft(now time.Time) int {
	if s.NotAfter.IsZero() {
		return 0
	}
	left := s.NotAfter.Sub(now)
	if left < 0 {
		left -= day - 1
	}
	return int(left / day)
}

// Level returns the level at the time now. A certificate with a short lifetime,
// such as 45 or six days, is expiring when a third of its lifetime is left, and
// failing when a sixth is left.
func (s State) Level(now time.Time) Level {
	const few, very = 30 * day, 14 * day
	life, left := s.NotAfter.Sub(s.NotBefore), s.NotAfter.Sub(now)
	switch {
	case s.NotAfter.IsZero():
		return LevelMissing
	case len(s.Broken) > 0:
		return LevelBroken
	case left < min(very, life/6):
		return LevelFailing
	case left < min(few, life/3):
		return LevelExpiring
	}
	return LevelOK
}

// inspect reports whether cert is valid for hosts, and why not. If roots is not
// nil, it adds a note if the chain does not lead to one of them.
func inspect(name string, cert *tls.Certificate, hosts []string, now time.Time, roots *x509.CertPool) State {
	s := State{Name: name}
	if cert == nil || len(cert.Certificate) == 0 {
		s.broken("There is no certificate.")
		return s
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		s.broken("The certificate can't be read.")
		return s
	}
	s.describe(leaf)
	if !matches(leaf.PublicKey, cert.PrivateKey) {
		s.broken("The key doesn't match the certificate.")
	}
	if !forServers(leaf) {
		s.broken("The certificate is not meant for servers.")
	}
	chain := []*x509.Certificate{leaf}
	for _, der := range cert.Certificate[1:] {
		link, err := x509.ParseCertificate(der)
		if err != nil {
			s.broken("A certificate in its chain can't be read.")
			break
		}
		chain = append(chain, link)
	}
	for i := range chain {
		s.inspectLink(chain, i, now)
	}
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			s.broken("The certificate doesn't cover %s.", host)
		}
	}
	if roots != nil && len(s.Broken) == 0 {
		s.inspectTrust(chain, now, roots)
	}
	return s
}

// describe sets the fields that say what is in the certificate.
func (s *State) describe(leaf *x509.Certificate) {
	s.Issuer = printable(cmp.Or(leaf.Issuer.CommonName, strings.Join(leaf.Issuer.Organization, ", ")))
	s.Serial, s.NotBefore, s.NotAfter = fmt.Sprintf("%x", leaf.SerialNumber), leaf.NotBefore, leaf.NotAfter
	s.Hosts = append(s.Hosts, leaf.DNSNames...)
	for _, addr := range leaf.IPAddresses {
		s.Hosts = append(s.Hosts, addr.String())
	}
}

// broken adds a reason why browsers reject the certificate.
func (s *State) broken(format string, args ...any) {
	s.Broken = append(s.Broken, fmt.Sprintf(format, args...))
}

// expired is the beginning of the sentence about an expired certificate.
const expired = "It expired on "

// inspectLink checks certificate i of the chain. Certificate 0 is that of the site.
func (s *State) inspectLink(chain []*x509.Certificate, i int, now time.Time) {
	const (
		minRSA = 2048 // bits, as required by Mozilla and the CA/Browser Forum
		date   = "2006-01-02 15:04 MST"
	)
	one, which := chain[i], "It"
	if i > 0 {
		which = "The authority " + printable(cmp.Or(one.Subject.CommonName, strings.Join(one.Subject.Organization, ", "), "without a name"))
		// A weak signature is reported below, for the certificate that has it.
		if err := chain[i-1].CheckSignatureFrom(one); err != nil && !weak(chain[i-1].SignatureAlgorithm) {
			s.broken("%s did not sign the certificate before it in the chain.", which)
		}
	}
	if now.After(one.NotAfter) {
		s.broken("%s", strings.Replace(expired, "It", which, 1)+one.NotAfter.UTC().Format(date)+".")
	}
	if now.Before(one.NotBefore) {
		s.broken("%s is not valid before %s.", which, one.NotBefore.UTC().Format(date))
	}
	if key, ok := one.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minRSA {
		s.broken("%s has an RSA key of only %d bits.", which, key.N.BitLen())
	}
	// Clients ignore the self-signature of a root.
	root := i > 0 && bytes.Equal(one.RawIssuer, one.RawSubject)
	if weak(one.SignatureAlgorithm) && !root {
		s.broken("%s is signed with %s, which is insecure.", which, one.SignatureAlgorithm)
	}
}

// weak reports whether signatures with this algorithm can be forged (MD5, SHA-1).
func weak(algorithm x509.SignatureAlgorithm) bool {
	switch algorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	default:
		return false
	}
}

// forServers reports whether the certificate may be used for TLS servers.
func forServers(leaf *x509.Certificate) bool {
	if len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.ContainsFunc(leaf.ExtKeyUsage, func(usage x509.ExtKeyUsage) bool {
		return usage == x509.ExtKeyUsageServerAuth || usage == x509.ExtKeyUsageAny
	})
}

// inspectTrust adds a note if this machine does not trust the chain. Visitors may
// trust it, for example through the root of a company.
func (s *State) inspectTrust(chain []*x509.Certificate, now time.Time, roots *x509.CertPool) {
	between := x509.NewCertPool()
	for _, link := range chain[1:] {
		between.AddCert(link)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		s.Notes = append(s.Notes, "It is not signed by a root that this machine trusts.")
	} else if err != nil {
		s.Notes = append(s.Notes, "This machine does not trust it: "+printable(err.Error())+".")
	}
}

// matches reports whether public and private belong to the same key pair.
func matches(public, private any) bool {
	key, ok := private.(crypto.Signer)
	if !ok {
		return false
	}
	half, ok := key.Public().(interface{ Equal(x crypto.PublicKey) bool })
	return ok && half.Equal(public)
}

// Worst returns the worst level of all certificates.
func Worst(states []State, now time.Time) Level {
	for _, level := range []Level{LevelMissing, LevelBroken, LevelFailing, LevelExpiring} {
		for _, state := range states {
			if state.Level(now) == level {
				return level
			}
		}
	}
	return LevelOK
}
