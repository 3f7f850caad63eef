package certificates

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/crypto/acme/autocert"
)

const (
	localAuthority = "local"
	localCA        = "ca" // name of its own certificate in the database

	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 90 * 24 * time.Hour
	backdate = time.Hour // tolerance for clients whose clocks are behind
)

// localHosts returns the names and addresses of the machine itself.
func localHosts() []string { return []string{"localhost", "127.0.0.1", "::1"} }

// A localIssuer is a local certificate authority for development. It is created
// once, and developers import its certificate. Its name constraints allow only the
// hosts of the site, so its key cannot be abused for others (RFC 5280, 4.2.1.10).
type localIssuer struct {
	*cache
	hosts []string
}

// issue implements issuer. It creates the authority if there is none.
func (l *localIssuer) issue(ctx context.Context, s subject) error {
	ca, err := l.ca(ctx)
	if errors.Is(err, autocert.ErrCacheMiss) {
		ca, err = l.newCA(ctx)
	}
	if err != nil {
		return err
	}
	now := l.now()
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{"Cloakroom"}, CommonName: s.name},
		NotBefore:    now.Add(-backdate), NotAfter: now.Add(leafLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	template.DNSNames, template.IPAddresses = split(s.hosts)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("creating a key: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		return fmt.Errorf("signing a certificate: %w", err)
	}
	return l.store(ctx, s.name, key, der, ca.Leaf.Raw)
}

// distrusted implements issuer. Certificates of a replaced authority are not trusted.
func (l *localIssuer) distrusted(ctx context.Context, held *tls.Certificate) (string, error) {
	ca, err := l.ca(ctx)
	if err != nil && !errors.Is(err, autocert.ErrCacheMiss) {
		return "", err
	}
	if err != nil || held.Leaf.CheckSignatureFrom(ca.Leaf) != nil {
		return "The local authority that signed it was revoked.", nil
	}
	return "", nil
}

// ca returns the authority. It fails with autocert.ErrCacheMiss if there is none,
// or if it expires too soon or may not sign for all hosts of the site.
func (l *localIssuer) ca(ctx context.Context) (*tls.Certificate, error) {
	plain, err := l.Get(ctx, localCA)
	if err != nil {
		return nil, err
	}
	ca, err := tls.X509KeyPair(plain, plain)
	if err != nil {
		return nil, errors.New("the stored entry is not a certificate authority")
	}
	names, addrs := split(l.hosts)
	for _, name := range names {
		if !slices.Contains(ca.Leaf.PermittedDNSDomains, name) {
			return nil, autocert.ErrCacheMiss
		}
	}
	for _, addr := range addrs {
		if !slices.ContainsFunc(ca.Leaf.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(addr) }) {
			return nil, autocert.ErrCacheMiss
		}
	}
	if l.now().After(ca.Leaf.NotAfter.Add(-leafLife)) {
		return nil, autocert.ErrCacheMiss
	}
	return &ca, nil
}

// newCA creates a new authority and stores it.
func (l *localIssuer) newCA(ctx context.Context) (*tls.Certificate, error) {
	now := l.now()
	names, addrs := split(l.hosts)
	template := &x509.Certificate{
		SerialNumber: serial(),
		// The date distinguishes authorities in a browser's list.
		Subject: pkix.Name{
			Organization: []string{"Cloakroom"}, CommonName: "Cloakroom local authority " + now.UTC().Format("2006-01-02 15:04"),
		},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(caLife),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names,
	}
	for _, addr := range addrs {
		bits := 8 * len(addr)
		template.PermittedIPRanges = append(template.PermittedIPRanges, &net.IPNet{IP: addr, Mask: net.CIDRMask(bits, bits)})
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("creating a key: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	if err := l.store(ctx, localCA, key, der); err != nil {
		return nil, err
	}
	l.log.WarnContext(ctx, "created a new local authority: import its certificate, see `server certificate ca`")
	return l.ca(ctx)
}

// store stores a key and its chain in the format of autocert.
func (l *localIssuer) store(ctx context.Context, name string, key *ecdsa.PrivateKey, chain ...[]byte) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	var text bytes.Buffer
	blocks := []*pem.Block{{Type: "PRIVATE KEY", Bytes: der}}
	for _, one := range chain {
		blocks = append(blocks, &pem.Block{Type: "CERTIFICATE", Bytes: one})
	}
	for _, block := range blocks {
		if err := pem.Encode(&text, block); err != nil {
			return fmt.Errorf("writing a key: %w", err)
		}
	}
	return l.Put(ctx, name, text.Bytes())
}

// serial returns a random, unique serial number (RFC 5280, 4.1.2.2).
func serial() *big.Int {
	const bits = 127
	n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), bits)) // never fails
	return n
}

// split separates DNS names and IP addresses.
func split(hosts []string) (names []string, addrs []net.IP) {
	for _, host := range hosts {
		if addr, err := netip.ParseAddr(host); err == nil {
			addrs = append(addrs, addr.AsSlice())
		} else {
			names = append(names, host)
		}
	}
	return names, addrs
}
