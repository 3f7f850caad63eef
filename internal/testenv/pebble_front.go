package testenv

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// orderPath is the path of Pebble's new-order resource.
const orderPath = "/order-plz"

// A refusal is the answer to orders while its status is not 0.
type refusal struct {
	status      int
	problemType string
	retryAfter  int // seconds
}

// An acmeFront is a reverse proxy in front of an authority. It keeps the Host of
// a request, from which Pebble makes its URLs.
type acmeFront struct {
	server *httptest.Server
	orders atomic.Int64
	mu     sync.Mutex
	now    refusal
}

func newACMEFront(t testing.TB, a *ACME) *acmeFront {
	t.Helper()
	f := &acmeFront{}
	behind := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "https", Host: "127.0.0.1:" + a.port})
			r.Out.Host = r.In.Host
		},
		Transport: a.client().Transport,
		ModifyResponse: func(resp *http.Response) error {
			if resp.Request.URL.Path == orderPath && resp.StatusCode == http.StatusCreated {
				f.orders.Add(1)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	f.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == orderPath && f.refused(w) {
			return
		}
		behind.ServeHTTP(w, r)
	}))
	pair, err := tls.LoadX509KeyPair(filepath.Join(a.dir, "server.pem"), filepath.Join(a.dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	f.server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	f.server.StartTLS()
	t.Cleanup(f.server.Close)
	return f
}

func (f *acmeFront) refuse(r refusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = r
}

// refused answers an order while orders are refused, and reports whether it did.
func (f *acmeFront) refused(w http.ResponseWriter) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.status == 0 {
		return false
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Replay-Nonce", rand.Text())
	if f.now.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.now.retryAfter))
	}
	w.WriteHeader(f.now.status)
	_, _ = fmt.Fprintf(w, `{"type":"urn:ietf:params:acme:error:%s","detail":"refused by the test","status":%d}`,
		f.now.problemType, f.now.status)
	return true
}

// writeServerCertificate writes a certificate for 127.0.0.1, its key and the
// root certificate into dir. It returns the root.
func writeServerCertificate(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	now := time.Now()
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		}
	}
	ca := template(1, "the test's authority")
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	leaf := template(2, "127.0.0.1")
	leaf.IPAddresses, leaf.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost"}
	caKey, key := newKey(t), newKey(t)
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"ca.pem":     {Type: "CERTIFICATE", Bytes: caDER},
		"server.pem": {Type: "CERTIFICATE", Bytes: leafDER},
		"server.key": {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}))
	return pool
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// acceptsTCP reports whether a process listens on the port.
func acceptsTCP(ctx context.Context, port string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// stopWithTest ends a process when the test ends.
func stopWithTest(t testing.TB, p *process) {
	t.Helper()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
	})
}
