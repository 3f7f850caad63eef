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

// ACMESettings say how a certificate authority is.
type ACMESettings struct {
	HTTPPort, TLSPort int           // at which it validates HTTP-01 and TLS-ALPN-01
	Life              time.Duration // of its certificates; zero: 90 days
	KeyID, HMACKey    string        // of the account it wants, the key in base64url; empty: it wants none
}

// An ACME is a certificate authority of one test alone, Pebble. It finds every
// name at 127.0.0.1, and a proxy in front of it counts orders and can refuse
// them.
type ACME struct {
	settings   ACMESettings
	program    string
	dir        string // its settings, certificate and key
	dns        string // port of the name server
	port       string
	management string // port
	front      *acmeFront
	roots      *x509.CertPool // who signed its own certificate
	process    *process
}

// Pebble starts an authority that is stopped when the test ends.
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
		return exec.Command(names, "-dnsserver", "127.0.0.1:"+port, "-management", "127.0.0.1:"+control, "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "",
			"-defaultIPv4", "127.0.0.1", "-defaultIPv6", "")
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

// Directory is the address of the authority's directory.
func (a *ACME) Directory() string { return a.front.server.URL + "/dir" }

// RootFile names a file with the certificate of who signed that of the
// directory itself.
func (a *ACME) RootFile() string { return filepath.Join(a.dir, "ca.pem") }

// Orders is how many orders the authority took.
func (a *ACME) Orders() int { return int(a.front.orders.Load()) }

// Refuse lets the authority answer all orders with an error, of a type of RFC
// 8555, 6.7, and tell when to come again, in seconds. Status 0 ends it.
func (a *ACME) Refuse(status int, problemType string, retryAfter int) {
	a.front.refuse(refusal{status, problemType, retryAfter})
}

// Kill ends the authority at once. Its directory then answers with errors.
func (a *ACME) Kill() {
	_ = a.process.cmd.Process.Kill()
	<-a.process.done
}

// Restart starts the killed authority again at the same address. It has
// forgotten everything.
func (a *ACME) Restart(t testing.TB) {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if err := shared.serveOn(a.port, "pebble-"+a.port, syscall.SIGKILL, a.command(a.port), a.ready); err != nil {
		t.Fatal(err)
	}
	a.process = shared.processes[len(shared.processes)-1]
}

// Roots are the roots of the certificates that the authority gives.
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
		path = err.Error() // which Pebble does not find, and says so
	}
	cmd := exec.Command(a.program, "-config", path, "-dnsserver", "127.0.0.1:"+a.dns)
	// It does not wait before it validates, asks each time, and refuses a nonce
	// now and then, as real ones do.
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
	text, _ := json.Marshal(map[string]any{"pebble": settings}) // strings and numbers never fail
	return text
}

// ready asks for the directory and for the root: both are of the same process.
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

// FreePort is a port of the loopback interface that nobody listens on now.
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
