package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// overTLS makes the client use HTTP/2 over TLS with these trusted roots. It still connects to
// the address of the site, but calls it host.
func (c *client) overTLS(host string, roots *x509.CertPool) {
	_, addr, _ := strings.Cut(c.site.url, "://")
	c.site.url = "https://" + host
	c.http.Transport = &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
}

// run runs a command of the program with the settings of the site, and returns its output and
// exit code.
func (s *site) run(args ...string) (out, said string, code int) {
	s.t.Helper()
	cmd := s.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

func poolOf(t *testing.T, text []byte) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatalf("no certificate in %q", text)
	}
	return pool
}

// tlsWay lets a user use a site that serves TLS itself.
func tlsWay(t *testing.T, s *site, host string, roots *x509.CertPool, hsts bool) {
	t.Helper()
	c := newClient(t, s)
	c.overTLS(host, roots)
	page := c.get("/login", http.StatusOK)
	if got := page.header.Get("Strict-Transport-Security"); (got != "") != hsts {
		t.Errorf("HSTS is %q, want any: %v", got, hsts)
	}
	if ready := string(c.get("/readyz", http.StatusOK).body); ready != "ok\ncertificates: ok\n" {
		t.Errorf("ready: %q", ready)
	}
	registered := c.post("/register", map[string][]string{"username": {"ann"}, "email": {"ann@example.org"}, "password": {password}},
		http.StatusSeeOther)
	if cookie := registered.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("the session's cookie is %q", cookie)
	}
	file := c.mustUpload("papers.gz", incompressible(3<<20, 1))
	if got := c.hashOf(file.URL); got != file.SHA256 {
		t.Errorf("a file over TLS has the hash %s, want %s", got, file.SHA256)
	}
	if part := c.get(file.URL, http.StatusPartialContent, "Range", "bytes=100-199"); len(part.body) != 100 {
		t.Errorf("a range of 100 bytes has %d", len(part.body))
	}
}

func TestTLS_SelfSigned(t *testing.T) {
	place := sqliteAndDisk(t)
	key := "SITE_KEY_FILE=" + filepath.Join(t.TempDir(), "site.key")
	s := startSite(t, place, "TLS_MODE=self-signed", "PUBLIC_URL=https://localhost", "REDIRECT_ADDR=127.0.0.1:0", key)
	ca, said, code := s.run("certificate", "ca")
	if code != 0 || !strings.HasPrefix(ca, "-----BEGIN CERTIFICATE-----") || !strings.Contains(said, "fingerprint") {
		t.Fatalf("certificate ca: %d\n%s\n%s", code, ca, said)
	}
	tlsWay(t, s, "localhost", poolOf(t, []byte(ca)), false)
	if out, said, code := s.run("certificate", "status"); code != 0 || !strings.Contains(out, "localhost: ok") {
		t.Errorf("certificate status: %d\n%s\n%s", code, out, said)
	}
	plain := newClient(t, &site{t: t, url: "http://" + s.log.field("redirecting", "addr")})
	redirected := plain.get("/posts/1?a=b", http.StatusPermanentRedirect)
	if got := redirected.header.Get("Location"); got != "https://localhost/posts/1?a=b" ||
		redirected.header.Get("Strict-Transport-Security") != "" {
		t.Errorf("by http: %v", redirected.header)
	}
	if out, _, code := s.run("certificate", "revoke-ca"); code != 0 {
		t.Errorf("certificate revoke-ca: %d\n%s", code, out)
	}
	eventually(t, "there is another authority", func() bool {
		_, _, code := s.run("certificate", "status")
		return code == 0
	})
	if again, _, _ := s.run("certificate", "ca"); again == ca || !strings.HasPrefix(again, "-----BEGIN") {
		t.Error("the revoked authority is still there")
	}
	s.wantNoErrors()
	if code := s.stop(); code != 0 {
		t.Errorf("the server ended with %d, want 0", code)
	}
	s.extra = append(s.extra, "SITE_KEY=another-key-another-key-another-key", "SITE_KEY_FILE=")
	if _, said, code := s.run("serve"); code == 0 || !strings.Contains(said, "another site key") {
		t.Errorf("with another site key: %d\n%s", code, said)
	}
	if out, said, code := s.run("certificate", "forget"); code != 0 {
		t.Errorf("certificate forget: %d\n%s\n%s", code, out, said)
	}
	s.start()
}

func TestTLS_Autocert(t *testing.T) {
	place := postgresAndS3(t)
	httpPort, tlsPort := testenv.FreePort(t), testenv.FreePort(t)
	a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: httpPort, TLSPort: tlsPort})
	settings := []string{
		"TLS_MODE=autocert", "PUBLIC_URL=https://files.example.org", "ACME_DIRECTORY=" + a.Directory(), "ACME_CA_FILE=" + a.RootFile(),
		"ACME_EMAIL=ann@example.org", "SITE_KEY=a-key-of-the-tests-a-key-of-the-tests", "SITE_KEY_FILE=",
	}
	s := startSite(t, place, append(settings, fmt.Sprintf("ADDR=127.0.0.1:%d", tlsPort),
		fmt.Sprintf("REDIRECT_ADDR=127.0.0.1:%d", httpPort))...)
	second := startSite(t, place, append(settings, "ADDR=127.0.0.1:0", "REDIRECT_ADDR=off")...)
	for _, one := range []*site{s, second} {
		eventually(t, "the node has the certificate", func() bool {
			resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true,
				ServerName: "files.example.org"}}}).
				Get(strings.Replace(one.url, "http://", "https://", 1) + "/livez")
			if err == nil {
				_ = resp.Body.Close()
			}
			return err == nil
		})
	}
	if a.Orders() != 1 {
		t.Errorf("two nodes placed %d orders, want 1", a.Orders())
	}
	roots := a.Roots(t)
	a.Kill() // an unreachable directory stops nothing
	s.program.Signal(15)
	<-s.program.Done()
	s.start()
	eventually(t, "what is said of the certificates is known", func() bool {
		out, _, code := s.run("certificate", "status")
		return code == 0 && strings.Contains(out, "files.example.org: ok")
	})
	tlsWay(t, s, "files.example.org", roots, true)
	s.wantNoErrors()
}

// The files of a certificate change under load: none of a thousand connections fails.
func TestTLS_RotationUnderLoad(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	authority := newAuthority(t)
	put := func() {
		certText, keyText := authority.sign(t, "localhost")
		for path, text := range map[string][]byte{key: keyText, cert: certText} {
			if err := os.WriteFile(path+".next", text, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+".next", path); err != nil {
				t.Fatal(err)
			}
		}
	}
	put()
	s := startSite(t, sqliteAndDisk(t), "TLS_MODE=files", "TLS_CERT_FILES="+cert, "TLS_KEY_FILES="+key, "PUBLIC_URL=https://localhost",
		"REDIRECT_ADDR=off")
	address := strings.Replace(s.url, "http://", "https://", 1) + "/livez"
	var requests atomic.Int64
	var serials sync.Map
	count := func() (n int) {
		serials.Range(func(any, any) bool { n++; return true })
		return n
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			visitor := &http.Client{Transport: &http.Transport{
				DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: authority.pool, ServerName: "localhost"},
			}}
			for ctx.Err() == nil && (requests.Load() < 1000 || count() < 3) {
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
				resp, err := visitor.Do(req)
				if err != nil {
					t.Errorf("request %d: %v", requests.Load(), err)
					return
				}
				_ = resp.Body.Close()
				if _, known := serials.LoadOrStore(resp.TLS.PeerCertificates[0].SerialNumber.String(), true); !known && count() < 3 {
					put() // the previous certificate is in use; write the next
				}
				requests.Add(1)
			}
		})
	}
	all.Wait()
	if requests.Load() < 1000 || count() < 3 {
		t.Errorf("%d requests saw %d certificates, want 1000 and 3", requests.Load(), count())
	}
	s.wantNoErrors()
}
