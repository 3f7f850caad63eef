package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// A proxied is a site behind nginx.
type proxied struct {
	*site
	http, https string // addresses of nginx
	buffers     string // the directory in which nginx buffers requests and responses
	roots       *x509.CertPool
}

// behindNginx starts a site behind nginx with the documented configuration, adapted where
// operators have to adapt it.
func behindNginx(t *testing.T, extra ...string) proxied {
	t.Helper()
	s := startSite(t, sqliteAndDisk(t), append([]string{"PUBLIC_URL=https://files.example.org", "TRUSTED_PROXIES=127.0.0.1/32"}, extra...)...)
	text, err := os.ReadFile("../../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	a := newAuthority(t)
	dir := t.TempDir()
	cert, key := a.sign(t, "files.example.org", "content.example.net")
	for name, content := range map[string][]byte{"fullchain.pem": cert, "privkey.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := proxied{site: s, http: fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t)),
		https: fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t)), roots: a.pool}
	conf := string(text)
	for _, change := range [][2]string{
		{"server 127.0.0.1:8080;", "server " + strings.TrimPrefix(s.url, "http://") + ";"},
		{"/etc/ssl/cloakroom/", dir + "/"},
		{"listen 80", "listen " + p.http}, {"listen 443", "listen " + p.https},
		{"client_body_timeout 60s", "client_body_timeout 2s"},
	} {
		if !strings.Contains(conf, change[0]) {
			t.Fatalf("deploy/nginx.conf has no %q", change[0])
		}
		conf = strings.ReplaceAll(conf, change[0], change[1])
	}
	_, port, _ := net.SplitHostPort(p.https)
	p.buffers = testenv.Nginx(t, conf, port)
	return p
}

// visitor returns a client that connects from an address of the loopback interface.
func (p proxied) visitor(t *testing.T, from string) *client {
	t.Helper()
	c := newClient(t, &site{t: t, url: "https://files.example.org"})
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c.http.Transport = &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: p.roots},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasSuffix(addr, ":80") {
				return dialer.DialContext(ctx, network, p.http)
			}
			return dialer.DialContext(ctx, network, p.https)
		},
	}
	return c
}

func (c *client) register(name string) {
	c.t.Helper()
	c.post("/register", url.Values{"username": {name}, "email": {name + "@example.org"}, "password": {password}}, http.StatusSeeOther)
}

func TestNginx_TLSAndRedirects(t *testing.T) {
	p := behindNginx(t)
	c := p.visitor(t, "127.0.0.1")
	page := c.get("/login", http.StatusOK)
	if page.header.Get("Strict-Transport-Security") == "" || strings.Contains(page.header.Get("Server"), "/") {
		t.Errorf("by https: %v", page.header)
	}
	if cookie := page.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
	plain := newClient(t, &site{t: t, url: "http://files.example.org"})
	plain.http.Transport = c.http.Transport
	by := plain.post("/posts?a=b%20c", nil, http.StatusPermanentRedirect)
	if by.header.Get("Location") != "https://files.example.org/posts?a=b%20c" || by.header.Get("Strict-Transport-Security") != "" {
		t.Errorf("by http: %v", by.header)
	}
	plain.get("/api/v1/posts", http.StatusForbidden)
	dial := func(config *tls.Config) (tls.ConnectionState, error) {
		config.RootCAs = p.roots
		conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", p.https)
		if err != nil {
			return tls.ConnectionState{}, err
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState(), nil
	}
	if got, err := dial(&tls.Config{ServerName: "files.example.org", NextProtos: []string{"h2", "http/1.1"}}); err != nil ||
		got.NegotiatedProtocol != "h2" || got.Version != tls.VersionTLS13 {
		t.Errorf("a browser of today: %+v, %v", got, err)
	}
	if _, err := dial(&tls.Config{ServerName: "files.example.org", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if _, err := dial(&tls.Config{ServerName: "evil.example.org", InsecureSkipVerify: true}); err == nil {
		t.Error("a name that is not ours is answered")
	}
}

func TestNginx_StreamsUploadsAndRanges(t *testing.T) {
	p := behindNginx(t)
	ann := p.visitor(t, "127.0.0.1")
	ann.register("ann")
	// The second half is sent once the first has arrived behind nginx.
	first, second := incompressible(16<<20, 1), incompressible(16<<20, 2)
	reader, writer := io.Pipe()
	go func() {
		defer func() { _ = writer.Close() }() // if the test fails while waiting
		_, _ = writer.Write(first)
		eventually(t, "what was sent is at the site while the rest is not", func() bool { return bytesBelow(p.place.bytes) >= 8<<20 })
		if held := bytesBelow(p.buffers); held > 0 {
			t.Errorf("nginx keeps %d bytes of an upload on disk", held)
		}
		_, _ = writer.Write(second)
	}()
	file, err := ann.upload(t.Context(), "papers.gz", reader)
	if err != nil {
		t.Fatal(err)
	}
	if got := ann.hashOf(file.URL); got != file.SHA256 {
		t.Errorf("the hash is %s, want %s", got, file.SHA256)
	}
	part := ann.get(file.URL, http.StatusPartialContent, "Range", "bytes=16777210-16777219")
	want := append(bytes.Clone(first[len(first)-6:]), second[:4]...)
	if !bytes.Equal(part.body, want) || part.header.Get("Content-Range") != "bytes 16777210-16777219/33554432" {
		t.Errorf("a range: %v", part.header)
	}
	ann.get(file.URL, http.StatusNotModified, "If-None-Match", part.header.Get("Etag"))
	if held := bytesBelow(p.buffers); held > 0 {
		t.Errorf("nginx kept %d bytes on disk", held)
	}
}

func bytesBelow(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // deleted in the meantime
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}

func TestNginx_ForwardsTheClientAddress(t *testing.T) {
	p := behindNginx(t, strings.Replace(wide, "login=1000000-S", "login=3-M", 1))
	form := url.Values{"username": {"nobody"}, "password": {"not the password"}}
	logIn := func(c *client, forged string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://files.example.org/login", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
			req.Header.Set(name, forged)
		}
		got, err := c.do(req)
		if err != nil {
			t.Fatal(err)
		}
		return got.status
	}
	one, other := p.visitor(t, "127.0.0.2"), p.visitor(t, "127.0.0.3")
	for i := range 3 {
		if got := logIn(one, fmt.Sprintf("203.0.113.%d", i)); got != http.StatusUnprocessableEntity {
			t.Fatalf("log-in %d: %d", i, got)
		}
	}
	if got := logIn(one, "203.0.113.9"); got != http.StatusTooManyRequests {
		t.Errorf("a forged address had a count of its own: %d", got)
	}
	if got := logIn(other, ""); got != http.StatusUnprocessableEntity {
		t.Errorf("another visitor: %d", got)
	}
}

// A client that stalls during an upload is disconnected.
func TestNginx_DisconnectsSlowClients(t *testing.T) {
	p := behindNginx(t)
	conn, err := (&tls.Dialer{Config: &tls.Config{ServerName: "files.example.org", RootCAs: p.roots}}).DialContext(t.Context(), "tcp", p.https)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST /login HTTP/1.1\r\nHost: files.example.org\r\nContent-Length: 1000\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\n\r\nuser"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("the connection stays open: %v", err)
	}
}
