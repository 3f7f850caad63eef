package certificates_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	siteKey = "0123456789abcdef0123456789abcdef"
	host    = "files.example.org"
)

// A clock is set by the test. It starts a minute from now, so that certificates of
// an authority, which uses the real time, are already valid.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now().Add(time.Minute)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A node serves TLS and HTTP on the loopback interface.
type node struct {
	*certificates.Service
	log     *safeLog
	now     func() time.Time
	tlsAddr string
}

type safeLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// listenLoopback opens a listener and returns its port, for an authority that must know it.
func listenLoopback(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, l.Addr().(*net.TCPAddr).Port
}

func open(t *testing.T, options certificates.Options, db *database.DB, now func() time.Time) *node {
	t.Helper()
	log := &safeLog{}
	s, err := certificates.Open(t.Context(), options, db, siteKey, now, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return &node{Service: s, log: log, now: now}
}

// serve starts servers on the listeners, either of which may be nil.
func (n *node) serve(t *testing.T, forTLS, forHTTP net.Listener) *node {
	t.Helper()
	start := func(l net.Listener, handler http.Handler) {
		server := httptest.NewUnstartedServer(handler)
		server.Listener, _ = l, server.Listener.Close()
		server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelDebug)
		server.Start()
		t.Cleanup(server.Close)
	}
	if forTLS != nil {
		n.tlsAddr = forTLS.Addr().String()
		empty := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
		start(tls.NewListener(forTLS, n.TLSConfig()), http.HandlerFunc(empty))
	}
	if forHTTP != nil {
		start(forHTTP, n.Challenges(http.NotFoundHandler()))
	}
	return n
}

// serial connects to the node as a browser that trusts roots, and returns the
// serial number of its certificate.
func (n *node) serial(t *testing.T, name string, roots *x509.CertPool) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := (&tls.Dialer{Config: &tls.Config{ServerName: name, RootCAs: roots, Time: n.now}}).DialContext(ctx, "tcp", n.tlsAddr)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

func (n *node) mustSerial(t *testing.T, name string, roots *x509.CertPool) string {
	t.Helper()
	serial, err := n.serial(t, name, roots)
	if err != nil {
		t.Fatalf("a handshake for %s: %v\n%s", name, err, n.log)
	}
	return serial
}

// state returns the state of the node's only certificate.
func (n *node) state(t *testing.T) certificates.State {
	t.Helper()
	states, err := n.States(t.Context())
	if err != nil || len(states) != 1 {
		t.Fatalf("states: %+v, %v", states, err)
	}
	return states[0]
}
