package testenv

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ACMESettings configure a certificate authority.
type ACMESettings struct {
	HTTPPort, TLSPort int           // where it validates HTTP-01 and TLS-ALPN-01
	Life              time.Duration // of its certificates; zero: 90 days
	KeyID, HMACKey    string        // external account it requires, key in base64url; empty: none
}

// An ACME is Pebble, a certificate authority for one test. It resolves every
// name to 127.0.0.1. A proxy in front of it counts orders and can refuse them.
type ACME struct {
	settings   ACMESettings
	program    string
	dir        string // its settings, certificate and key
	dns        string // port of the name server
	port       string
	management string // port
	front      *acmeFront
	roots      *x509.CertPool // of its own certificate
	process    *process
}

// Pebble starts an authority that stops when the test ends.
func Pebble(t testing.TB, settings ACMESettings) *ACME {
	t.Helper()
	a := &ACME{settings: settings, program: find(moduleBin(), "pebble")}
	names := find(moduleBin(), "pebble-challtestsrv")
	if a.program == "" || names == "" {
		Missing(t, "Pebble", "`go install github.com/letsencrypt/pebble/v2/cmd/...@v2.10.1`")
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.open(t)
	a.dir = filepath.Join(shared.dir, "pebble-"+rand.Text())
	if err := os.Mkdir(a.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	a.roots = writeServerCertificate(t, a.dir)
	control, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	a.dns, err = shared.serve("names-"+rand.Text(), syscall.SIGKILL, func(port string) *exec.Cmd {
		return exec.Command(names, "-dnsserver", "127.0.0.1:"+port, "-management", "127.0.0.1:"+control,
			"-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "")
	}, acceptsTCP)
	if err != nil {
		t.Fatal(err)
	}
	stopWithTest(t, shared.processes[len(shared.processes)-1])
	if a.management, err = freePort(); err != nil {
		t.Fatal(err)
	}
	if a.port, err = shared.serve("pebble-"+rand.Text(), syscall.SIGKILL, a.command, a.ready); err != nil {
		t.Fatal(err)
	}
	a.process = shared.processes[len(shared.processes)-1]
	t.Cleanup(a.Kill)
	a.front = newACMEFront(t, a)
	return a
}

// Directory is the URL of the authority's directory.
func (a *ACME) Directory() string { return a.front.server.URL + "/dir" }

// RootFile is the path of the root certificate that the directory's own
// certificate is signed with.
func (a *ACME) RootFile() string { return filepath.Join(a.dir, "ca.pem") }

// Orders is the number of orders that the authority has accepted.
func (a *ACME) Orders() int { return int(a.front.orders.Load()) }

// Refuse makes the authority answer all orders with an error of a type in RFC
// 8555, 6.7, and a Retry-After in seconds. Status 0 accepts orders again.
func (a *ACME) Refuse(status int, problemType string, retryAfter int) {
	a.front.refuse(refusal{status, problemType, retryAfter})
}

// Kill ends the authority at once. Requests to its directory then fail.
func (a *ACME) Kill() {
	_ = a.process.cmd.Process.Kill()
	<-a.process.done
}

// Restart starts the killed authority again at the same address, with no
// accounts and no certificates.
func (a *ACME) Restart(t testing.TB) {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if err := shared.serveOn(a.port, "pebble-"+a.port, syscall.SIGKILL, a.command(a.port), a.ready); err != nil {
		t.Fatal(err)
	}
	a.process = shared.processes[len(shared.processes)-1]
}

// Roots are the roots of the certificates that the authority issues.
func (a *ACME) Roots(t testing.TB) *x509.CertPool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://127.0.0.1:"+a.management+"/roots/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("the authority's root: %v\n%s", err, text)
	}
	return pool
}

func (a *ACME) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: a.roots, MinVersion: tls.VersionTLS12},
	}}
}

func (a *ACME) command(port string) *exec.Cmd {
	path := filepath.Join(a.dir, "pebble.json")
	if err := os.WriteFile(path, a.config(port), 0o600); err != nil {
		path = err.Error() // Pebble reports that it cannot read this file
	}
	cmd := exec.Command(a.program, "-config", path, "-dnsserver", "127.0.0.1:"+a.dns)
	// It validates without delay and for each order, and rejects some nonces, as
	// real authorities do.
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0", "PEBBLE_WFE_NONCEREJECT=5")
	return cmd
}

func (a *ACME) config(port string) []byte {
	life := a.settings.Life
	if life == 0 {
		life = 90 * 24 * time.Hour
	}
	settings := map[string]any{
		"listenAddress": "127.0.0.1:" + port, "managementListenAddress": "127.0.0.1:" + a.management,
		"certificate": filepath.Join(a.dir, "server.pem"), "privateKey": filepath.Join(a.dir, "server.key"),
		"httpPort": a.settings.HTTPPort, "tlsPort": a.settings.TLSPort, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": int(life.Seconds())}},
	}
	if a.settings.KeyID != "" {
		settings["externalAccountBindingRequired"] = true
		settings["externalAccountMACKeys"] = map[string]string{a.settings.KeyID: a.settings.HMACKey}
	}
	text, _ := json.Marshal(map[string]any{"pebble": settings}) // strings and numbers always marshal
	return text
}

// ready reports whether the directory and the management port both answer.
func (a *ACME) ready(ctx context.Context, port string) bool {
	for _, address := range []string{"https://127.0.0.1:" + port + "/dir", "https://127.0.0.1:" + a.management + "/roots/0"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return false
		}
		resp, err := a.client().Do(req)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return false
		}
	}
	return true
}

// FreePort returns a loopback port that no process listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	text, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return port
}
