package certificates_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
)

// A minted certificate was created by a test; it has its key and its issuers.
type minted struct {
	*x509.Certificate
	key    crypto.Signer
	issuer *minted // nil: self-signed
}

// mint creates a certificate for 90 days, half of which are left at now, and
// applies change before it is signed.
func mint(t testing.TB, issuer *minted, key crypto.Signer, now time.Time, change func(*x509.Certificate)) *minted {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "someone"},
		NotBefore: now.AddDate(0, 0, -45), NotAfter: now.AddDate(0, 0, 45),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	if key == nil {
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	parent, by := template, key
	if issuer != nil {
		parent, by = issuer.Certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &minted{cert, key, issuer}
}

func mintCA(t testing.TB, issuer *minted, key crypto.Signer, name string, now time.Time) *minted {
	return mint(t, issuer, key, now, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage = name, true, x509.KeyUsageCertSign
		c.NotBefore, c.NotAfter = now.AddDate(-1, 0, 0), now.AddDate(5, 0, 0)
	})
}

func mintRSA(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func forHosts(hosts ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, host := range hosts {
			if ip := net.ParseIP(host); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else {
				c.DNSNames = append(c.DNSNames, host)
			}
		}
	}
}

// chain returns the chain as servers send it, without the root.
func (m *minted) chain() (chain [][]byte) {
	for ; m != nil && (m.issuer != nil || len(chain) == 0); m = m.issuer {
		chain = append(chain, m.Raw)
	}
	return chain
}

func (m *minted) tls() *tls.Certificate {
	return &tls.Certificate{Certificate: m.chain(), PrivateKey: m.key}
}

func (m *minted) pem(t testing.TB) (cert, key []byte) {
	t.Helper()
	for _, der := range m.chain() {
		cert = append(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(m.key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func poolOf(certs ...*minted) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, cert := range certs {
		pool.AddCert(cert.Certificate)
	}
	return pool
}

// signedAs returns der with another RSA signature algorithm, which the last byte
// of the object identifier selects (RFC 8017, appendix C).
func signedAs(der []byte, last byte) []byte {
	pkcs1 := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01}
	return bytes.ReplaceAll(der, append(slices.Clone(pkcs1), 11), append(pkcs1, last))
}

func TestInspect(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	hosts := []string{"files.example.org", "192.0.2.7", "2001:db8::7"}
	strong := mintRSA(t, 2048)
	root := mintCA(t, nil, nil, "root", now)
	middle := mintCA(t, root, strong, "middle", now)
	good := mint(t, middle, nil, now, forHosts(hosts...))
	other := mint(t, middle, nil, now, forHosts(hosts...))
	stranger := mintCA(t, nil, nil, "stranger", now)
	changed := func(change func(*x509.Certificate)) *tls.Certificate {
		return mint(t, middle, nil, now, func(c *x509.Certificate) { forHosts(hosts...)(c); change(c) }).tls()
	}
	chained := func(key crypto.PrivateKey, ders ...[]byte) *tls.Certificate {
		return &tls.Certificate{Certificate: ders, PrivateKey: key}
	}
	weakMiddle := mintCA(t, root, mintRSA(t, 1024), "weak middle", now)
	oldMiddle := mint(t, root, nil, now, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage, c.NotAfter = "old middle", true, x509.KeyUsageCertSign, now.Add(-time.Second)
	})
	selfMade := mint(t, nil, strong, now, forHosts(hosts...))
	underRSA := mintCA(t, mintCA(t, nil, strong, "RSA root", now), strong, "RSA middle", now)
	const noRoot = "root that this machine trusts"

	for _, test := range []struct {
		name   string
		cert   *tls.Certificate
		broken []string
		notes  []string
	}{
		{name: "good", cert: good.tls()},
		{name: "good with the root", cert: chained(good.key, append(good.chain(), root.Raw)...)},
		{name: "none", cert: nil, broken: []string{"no certificate"}},
		{name: "empty", cert: &tls.Certificate{}, broken: []string{"no certificate"}},
		{name: "garbage", cert: chained(good.key, []byte("garbage")), broken: []string{"can't be read"}},
		{name: "garbage in the chain", cert: chained(good.key, good.Raw, []byte("garbage")),
			broken: []string{"in its chain can't be read"}},
		{name: "key of another", cert: chained(other.key, good.chain()...), broken: []string{"key doesn't match"}},
		{name: "key of another kind", cert: chained(strong, good.chain()...), broken: []string{"key doesn't match"}},
		{name: "no key", cert: chained(nil, good.chain()...), broken: []string{"key doesn't match"}},
		{name: "expired", cert: changed(func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Second) }),
			broken: []string{"It expired on 2026-03-01 11:59 UTC"}},
		{name: "its last second", cert: changed(func(c *x509.Certificate) { c.NotAfter = now })},
		{name: "not yet valid", cert: changed(func(c *x509.Certificate) { c.NotBefore = now.Add(time.Minute) }),
			broken: []string{"not valid before 2026-03-01 12:01 UTC"}},
		{name: "for clients", cert: changed(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
			broken: []string{"not meant for servers"}},
		{name: "for servers", cert: changed(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })},
		{name: "authority expired", cert: mint(t, oldMiddle, nil, now, forHosts(hosts...)).tls(),
			broken: []string{"authority old middle expired on 2026-03-01 11:59 UTC"}},
		{name: "out of order", cert: chained(good.key, good.Raw, root.Raw, middle.Raw), broken: []string{
			"authority root did not sign",
			"authority middle did not sign"}},
		{name: "of another chain", cert: chained(good.key, good.Raw, stranger.Raw),
			broken: []string{"authority stranger did not sign"}},
		{name: "for other hosts", cert: mint(t, middle, nil, now, forHosts("*.example.org", "192.0.2.8")).tls(),
			broken: []string{"doesn't cover 192.0.2.7", "doesn't cover 2001:db8::7"}},
		{name: "host in its common name only", cert: mint(t, middle, nil, now, func(c *x509.Certificate) {
			forHosts(hosts[1:]...)(c)
			c.Subject.CommonName = hosts[0]
		}).tls(), broken: []string{"doesn't cover files.example.org"}},
		{name: "wildcard two deep", cert: mint(t, middle, nil, now, forHosts("*.org", hosts[1], hosts[2])).tls(),
			broken: []string{"doesn't cover files.example.org"}},
		{name: "RSA of 1024 bits", cert: mint(t, middle, mintRSA(t, 1024), now, forHosts(hosts...)).tls(),
			broken: []string{"It has an RSA key of only 1024 bits"}},
		{name: "RSA of 2048 bits", cert: mint(t, middle, strong, now, forHosts(hosts...)).tls()},
		{name: "authority of 1024 bits", cert: mint(t, weakMiddle, nil, now, forHosts(hosts...)).tls(),
			broken: []string{"authority weak middle has an RSA key of only 1024 bits"}},
		{name: "SHA-1", cert: chained(good.key, signedAs(good.Raw, 5), middle.Raw),
			broken: []string{"It is signed with SHA1-RSA"}},
		{name: "MD5", cert: chained(good.key, signedAs(good.Raw, 4), middle.Raw),
			broken: []string{"It is signed with MD5-RSA"}},
		{name: "authority by SHA-1", cert: chained(strong, mint(t, underRSA, strong, now, forHosts(hosts...)).Raw, signedAs(underRSA.Raw, 5)),
			broken: []string{"authority RSA middle is signed with SHA1-RSA"}},
		{name: "root by SHA-1", cert: chained(
			strong, mint(t, underRSA, strong, now, forHosts(hosts...)).Raw, underRSA.Raw, signedAs(underRSA.issuer.Raw, 5),
		), notes: []string{noRoot}},
		{name: "self-made", cert: selfMade.tls(), notes: []string{noRoot}},
		{name: "without the middle", cert: chained(good.key, good.Raw), notes: []string{noRoot}},
		{name: "of a root unknown", cert: mint(t, stranger, nil, now, forHosts(hosts...)).tls(), notes: []string{noRoot}},
	} {
		t.Run(test.name, func(t *testing.T) {
			state := certificates.Inspect("name", test.cert, hosts, now, poolOf(root))
			if !slices.EqualFunc(state.Broken, test.broken, strings.Contains) || !slices.EqualFunc(state.Notes, test.notes, strings.Contains) {
				t.Errorf("broken %q, notes %q\nwant   %q, %q", state.Broken, state.Notes, test.broken, test.notes)
			}
			want := certificates.LevelOK
			if len(test.broken) > 0 {
				want = certificates.LevelBroken
			}
			if state.NotAfter.IsZero() {
				want = certificates.LevelMissing
			}
			if got := state.Level(state.NotBefore); got != want {
				t.Errorf("level %q, want %q", got, want)
			}
		})
	}
	if state := certificates.Inspect("name", selfMade.tls(), hosts, now, nil); len(state.Notes) > 0 {
		t.Errorf("without roots there are notes: %q", state.Notes)
	}
}

func TestInspect_DescribesTheCertificate(t *testing.T) {
	now := time.Now()
	organization := mint(t, nil, nil, now, func(c *x509.Certificate) {
		c.Subject = pkix.Name{Organization: []string{"Firm\x1b[31m"}}
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
	})
	cert := mint(t, organization, nil, now, forHosts("files.example.org", "*.example.org", "192.0.2.7", "2001:db8::7"))
	state := certificates.Inspect("a name", cert.tls(), nil, now, nil)
	if want := []string{"files.example.org", "*.example.org", "192.0.2.7", "2001:db8::7"}; !slices.Equal(state.Hosts, want) {
		t.Errorf("hosts %q, want %q", state.Hosts, want)
	}
	// What a certificate says of its signer goes to terminals.
	if state.Issuer != "Firm [31m" {
		t.Errorf("issuer %q", state.Issuer)
	}
	if want := fmt.Sprintf("%x", cert.SerialNumber); state.Serial != want || state.Name != "a name" {
		t.Errorf("name %q, serial %q, want %q", state.Name, state.Serial, want)
	}
	if !state.NotBefore.Equal(cert.NotBefore) || !state.NotAfter.Equal(cert.NotAfter) {
		t.Errorf("from %s to %s", state.NotBefore, state.NotAfter)
	}
}

func TestLevel(t *testing.T) {
	const day = 24 * time.Hour
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ life, expiring, failing time.Duration }{
		{398 * day, 30 * day, 14 * day},
		{90 * day, 30 * day, 14 * day},
		{60 * day, 20 * day, 10 * day},
		{45 * day, 15 * day, 15 * day / 2},
		{6 * day, 2 * day, day},
	} {
		state := certificates.State{NotBefore: start, NotAfter: start.Add(test.life)}
		for _, at := range []struct {
			left time.Duration
			want certificates.Level
		}{
			{test.life, certificates.LevelOK},
			{test.expiring, certificates.LevelOK},
			{test.expiring - 1, certificates.LevelExpiring},
			{test.failing, certificates.LevelExpiring},
			{test.failing - 1, certificates.LevelFailing},
			{-1, certificates.LevelFailing},
		} {
			if got := state.Level(state.NotAfter.Add(-at.left)); got != at.want {
				t.Errorf("with %s of %s left: %q, want %q", at.left, test.life, got, at.want)
			}
		}
		state.Broken = []string{"It is."}
		if got := state.Level(start); got != certificates.LevelBroken {
			t.Errorf("broken: %q", got)
		}
	}
	if got := (certificates.State{Broken: []string{"no certificate"}}).Level(start); got != certificates.LevelMissing {
		t.Errorf("none: %q", got)
	}
}

func TestDaysLeft(t *testing.T) {
	const day = 24 * time.Hour
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]int{
		10 * day: 10, 10*day - 1: 9, day: 1, day - 1: 0, 0: 0, -1: -1, -day: -1, -day - 1: -2,
	} {
		if got := (certificates.State{NotAfter: end}).DaysLeft(end.Add(-left)); got != want {
			t.Errorf("with %s left: %d days, want %d", left, got, want)
		}
	}
	if got := (certificates.State{}).DaysLeft(end); got != 0 {
		t.Errorf("none: %d days", got)
	}
}
