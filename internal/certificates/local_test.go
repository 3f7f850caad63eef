package certificates_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database/databasetest"
)

func localOptions(hosts ...string) certificates.Options {
	return certificates.Options{Mode: certificates.SelfSigned, Hosts: hosts}
}

func localRoots(t *testing.T, n *node) (*x509.CertPool, *x509.Certificate) {
	t.Helper()
	text, err := n.LocalAuthority(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return pool, ca
}

func TestSelfSigned(t *testing.T) {
	db, clock := databasetest.New(t), newClock()
	listener, _ := listenLoopback(t)
	n := open(t, localOptions("dev.example.org"), db, clock.now).serve(t, listener, nil)
	roots, ca := localRoots(t, n)
	for _, name := range []string{"dev.example.org", "localhost", "127.0.0.1", "::1"} {
		n.mustSerial(t, name, roots)
	}
	if _, err := n.serial(t, "evil.example.org", roots); err == nil {
		t.Error("there is a certificate for an unknown host")
	}
	if !ca.PermittedDNSDomainsCritical || !slices.Equal(ca.PermittedDNSDomains, []string{"dev.example.org", "localhost"}) ||
		len(ca.PermittedIPRanges) != 2 || !ca.MaxPathLenZero {
		t.Errorf("the authority may sign for %v and %v", ca.PermittedDNSDomains, ca.PermittedIPRanges)
	}
	// Another node has the same certificate.
	other, _ := listenLoopback(t)
	second := open(t, localOptions("dev.example.org"), db, clock.now).serve(t, other, nil)
	first := n.mustSerial(t, "localhost", roots)
	if second.mustSerial(t, "localhost", roots) != first {
		t.Error("another node has another certificate")
	}
	clock.advance(65 * 24 * time.Hour)
	if err := second.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if renewed := n.mustSerial(t, "localhost", roots); renewed == first || renewed != second.mustSerial(t, "localhost", roots) {
		t.Error("the certificate was not renewed once for both nodes by the same authority")
	}
}

func TestSelfSigned_TrustEndsWithTheAuthority(t *testing.T) {
	db := databasetest.New(t)
	listener, _ := listenLoopback(t)
	n := open(t, localOptions("localhost"), db, time.Now).serve(t, listener, nil)
	roots, _ := localRoots(t, n)
	n.mustSerial(t, "localhost", roots)
	if err := open(t, localOptions("localhost"), db, time.Now).RevokeLocalAuthority(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := n.state(t); got.Level(time.Now()) != certificates.LevelBroken || !strings.Contains(strings.Join(got.Broken, " "), "revoked") {
		t.Errorf("after the authority was revoked: %+v", got)
	}
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := n.serial(t, "localhost", roots); err == nil {
		t.Error("a certificate of the revoked authority is still served")
	}
	roots, _ = localRoots(t, n)
	n.mustSerial(t, "localhost", roots)
	// An authority that may not sign for the current hosts is replaced.
	more := open(t, localOptions("dev.example.org"), db, time.Now)
	if _, ca := localRoots(t, more); !slices.Contains(ca.PermittedDNSDomains, "dev.example.org") {
		t.Errorf("the authority may sign for %v", ca.PermittedDNSDomains)
	}
}

// testssl.sh checks the profile too.
func TestTLSConfig_IsMozillasIntermediateProfile(t *testing.T) {
	listener, _ := listenLoopback(t)
	n := open(t, localOptions("localhost"), databasetest.New(t), time.Now).serve(t, listener, nil)
	roots, _ := localRoots(t, n)
	dial := func(config *tls.Config) (tls.ConnectionState, error) {
		config.RootCAs, config.ServerName = roots, "localhost"
		conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", n.tlsAddr)
		if err != nil {
			return tls.ConnectionState{}, err
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState(), nil
	}
	modern := &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
	if got, err := dial(modern); err != nil || got.Version != tls.VersionTLS13 || got.NegotiatedProtocol != "h2" {
		t.Errorf("a modern browser: %+v, %v", got, err)
	}
	if _, err := dial(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
	for _, suite := range tls.CipherSuites() {
		if slices.Contains(suite.SupportedVersions, tls.VersionTLS13) && len(suite.SupportedVersions) == 1 {
			continue
		}
		_, err := dial(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}})
		good := strings.HasPrefix(suite.Name, "TLS_ECDHE_ECDSA") && !strings.Contains(suite.Name, "CBC")
		if (err == nil) != good {
			t.Errorf("%s: %v", suite.Name, err)
		}
	}
}

func TestTickets_Expire(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		clock := newClock()
		listener, _ := listenLoopback(t)
		n := open(t, localOptions("localhost"), databasetest.New(t), clock.now).serve(t, listener, nil)
		roots, _ := localRoots(t, n)
		sessions := tls.NewLRUClientSessionCache(1)
		resumed := func() bool {
			t.Helper()
			config := &tls.Config{RootCAs: roots, ServerName: "localhost", MaxVersion: version, ClientSessionCache: sessions, Time: clock.now}
			conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", n.tlsAddr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			// The ticket of TLS 1.3 comes after the handshake.
			if _, err := conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			return conn.(*tls.Conn).ConnectionState().DidResume
		}
		rotate := func() {
			clock.advance(6 * time.Hour)
			if err := n.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if resumed() || !resumed() {
			t.Errorf("%x: a session is not resumed", version)
		}
		rotate()
		if !resumed() {
			t.Errorf("%x: a session is not resumed after one rotation of the keys", version)
		}
		rotate()
		if !resumed() { // it got a new ticket one rotation ago
			t.Errorf("%x: a session with a fresh ticket is not resumed", version)
		}
		rotate()
		rotate()
		if resumed() {
			t.Errorf("%x: a session is resumed after its key was deleted", version)
		}
	}
}
