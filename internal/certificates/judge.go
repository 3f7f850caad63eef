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

// A Level says in a word how a certificate is.
type Level string

// The levels, from the best to the worst.
const (
	LevelOK       Level = "ok"
	LevelExpiring Level = "expiring" // under 30 days left
	LevelFailing  Level = "failing"  // under 14 days left
	LevelBroken   Level = "broken"   // visitors do not believe it
	LevelMissing  Level = "missing"  // there is none
)

const day = 24 * time.Hour

// DaysLeft is how many whole days the certificate still holds, less than zero
// if it does not any more, and zero if there is none.
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

// Level sums the state up. Authorities now give certificates for 45 days, or
// for six, too. Counted in days alone, these would nearly always be said to
// end: so for them a third of their life is little, and a sixth very little.
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

// judge says how a certificate is that is to be good for hosts. With roots it
// notes if the chain leads to none of them.
func judge(name string, cert *tls.Certificate, hosts []string, now time.Time, roots *x509.CertPool) State {
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
	s.Issuer = printable(cmp.Or(leaf.Issuer.CommonName, strings.Join(leaf.Issuer.Organization, ", ")))
	s.Serial, s.NotBefore, s.NotAfter = fmt.Sprintf("%x", leaf.SerialNumber), leaf.NotBefore, leaf.NotAfter
	s.Hosts = append(s.Hosts, leaf.DNSNames...)
	for _, addr := range leaf.IPAddresses {
		s.Hosts = append(s.Hosts, addr.String())
	}
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
		s.judgeLink(chain, i, now)
	}
	for _, host := range hosts {
		if leaf.VerifyHostname(host) != nil {
			s.broken("The certificate doesn't cover %s.", host)
		}
	}
	if roots != nil && len(s.Broken) == 0 {
		s.judgeTrust(chain, now, roots)
	}
	return s
}

func (s *State) broken(format string, args ...any) {
	s.Broken = append(s.Broken, fmt.Sprintf(format, args...))
}

// expired begins the sentence on a certificate that has ended.
const expired = "It expired on "

// judgeLink judges one certificate of the chain, the first of which is "it".
func (s *State) judgeLink(chain []*x509.Certificate, i int, now time.Time) {
	const (
		weakest = 2048 // bits of RSA, as Mozilla and the CA/Browser Forum want
		date    = "2006-01-02 15:04 MST"
	)
	one, which := chain[i], "It"
	if i > 0 {
		which = "The authority " + printable(cmp.Or(one.Subject.CommonName, strings.Join(one.Subject.Organization, ", "), "without a name"))
		// What is too weak is said below, of the one that is signed.
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
	if key, ok := one.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < weakest {
		s.broken("%s has an RSA key of only %d bits.", which, key.N.BitLen())
	}
	// Nobody looks at the signature by which a root says that it is itself.
	root := i > 0 && bytes.Equal(one.RawIssuer, one.RawSubject)
	if weak(one.SignatureAlgorithm) && !root {
		s.broken("%s is signed with %s, which is insecure.", which, one.SignatureAlgorithm)
	}
}

// weak reports whether a signature is of no worth, as it is with MD5 and SHA-1.
func weak(algorithm x509.SignatureAlgorithm) bool {
	switch algorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	default:
		return false
	}
}

// forServers reports whether whoever signed it let it be used by servers.
func forServers(leaf *x509.Certificate) bool {
	if len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.ContainsFunc(leaf.ExtKeyUsage, func(usage x509.ExtKeyUsage) bool {
		return usage == x509.ExtKeyUsageServerAuth || usage == x509.ExtKeyUsageAny
	})
}

// judgeTrust notes whether this machine believes the chain. Visitors may: they
// are other machines, perhaps with the root of a firm.
func (s *State) judgeTrust(chain []*x509.Certificate, now time.Time, roots *x509.CertPool) {
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

// matches reports whether public and private are halves of one key.
func matches(public, private any) bool {
	key, ok := private.(crypto.Signer)
	if !ok {
		return false
	}
	half, ok := key.Public().(interface{ Equal(x crypto.PublicKey) bool })
	return ok && half.Equal(public)
}

// Worst is the level of the certificate that is worst.
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
