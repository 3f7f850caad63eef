package certificates_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
)

// A pairDir is a directory in which the operator puts certificates.
type pairDir struct {
	t    *testing.T
	path string
	root *minted // signs all certificates
	now  time.Time
}

func newPairDir(t *testing.T, now time.Time) *pairDir {
	return &pairDir{t, t.TempDir(), mintCA(t, nil, nil, "root", now), now}
}

func (d *pairDir) mint(key crypto.Signer, hosts ...string) *minted {
	return mint(d.t, d.root, key, d.now, forHosts(hosts...))
}

func (d *pairDir) pair(name string) certificates.FilePair {
	return certificates.FilePair{Cert: filepath.Join(d.path, name+".crt"), Key: filepath.Join(d.path, name+".key")}
}

// put atomically replaces a file.
func (d *pairDir) put(path string, text []byte) {
	d.t.Helper()
	if err := errors.Join(os.WriteFile(path+".new", text, 0o600), os.Rename(path+".new", path)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *pairDir) remove(path string) {
	d.t.Helper()
	if err := os.Remove(path); err != nil {
		d.t.Fatal(err)
	}
}

func (d *pairDir) putPair(name string, m *minted) certificates.FilePair {
	d.t.Helper()
	cert, key := m.pem(d.t)
	pair := d.pair(name)
	d.put(pair.Cert, cert)
	d.put(pair.Key, key)
	return pair
}

func (d *pairDir) open(now func() time.Time, hosts []string, pairs ...certificates.FilePair) *node {
	d.t.Helper()
	return open(d.t, certificates.Options{Mode: certificates.Files, Hosts: hosts, Pairs: pairs}, nil, now)
}

// look refreshes the node and returns its only certificate's state.
func (n *node) look(t *testing.T) certificates.State {
	t.Helper()
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n.state(t)
}

// served returns the serial number of the certificate that a client with this
// configuration gets.
func (n *node) served(t *testing.T, config *tls.Config) string {
	t.Helper()
	config.InsecureSkipVerify = true
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go func() { _ = tls.Server(server, n.TLSConfig()).HandshakeContext(t.Context()) }()
	conn := tls.Client(client, config)
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Text(16)
}

func TestFiles_LoadsChangedPairs(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	first, second := dir.mint(nil, host), dir.mint(nil, host)
	n := dir.open(clock.now, []string{host}, dir.putPair("a", first))
	if state := n.look(t); state.Serial != first.SerialNumber.Text(16) || state.Name != dir.pair("a").Cert ||
		state.Level(clock.now()) != certificates.LevelOK {
		t.Errorf("first: %+v", state)
	}
	dir.putPair("a", first)
	n.look(t)
	if text := n.log.String(); text != "" {
		t.Errorf("an unchanged pair is logged: %s", text)
	}
	dir.putPair("a", second)
	if state := n.look(t); state.Serial != second.SerialNumber.Text(16) {
		t.Errorf("second: %+v", state)
	}
	if got := n.served(t, &tls.Config{ServerName: host}); got != second.SerialNumber.Text(16) {
		t.Error("handshakes get the previous certificate")
	}
	n.look(t)
	if got := strings.Count(n.log.String(), "loaded a new"); got != 1 {
		t.Errorf("one change was logged %d times: %s", got, n.log)
	}
}

func TestFiles_RejectsBadPairs(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	cert, key := dir.mint(nil, host).pem(t)
	_, otherKey := dir.mint(nil, host).pem(t)
	ended, endedKey := mint(t, dir.root, nil, dir.now, func(c *x509.Certificate) {
		forHosts(host)(c)
		c.NotAfter = dir.now.Add(-time.Minute)
	}).pem(t)
	strange, strangeKey := dir.mint(nil, "other.example.org").pem(t)
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("whatever it is")})
	chain := slices.Concat(cert, cert)
	for _, test := range []struct {
		name      string
		cert, key []byte // nil: no file
		why       string
	}{
		{"another key", cert, otherKey, "the key does not belong to the certificate"},
		{"no certificate", nil, key, "no such file"},
		{"no key", cert, nil, "no such file"},
		{"empty", []byte{}, key, "not a certificate and key in PEM"},
		{"swapped", key, cert, "not a certificate and key in PEM"},
		{"encrypted", cert, encrypted, "without a passphrase"},
		{"cut in the chain", chain[:len(chain)-40], key, "incomplete"},
		{"too large", slices.Concat(cert, make([]byte, 1<<20)), key, "is larger than"},
		{"expired", ended, endedKey, "It expired on "},
		{"for another host", strange, strangeKey, "doesn't cover " + host},
	} {
		t.Run(test.name, func(t *testing.T) {
			good := dir.mint(nil, host)
			pair := dir.putPair("a", good)
			n := dir.open(clock.now, []string{host}, pair)
			for path, text := range map[string][]byte{pair.Cert: test.cert, pair.Key: test.key} {
				if dir.put(path, text); text == nil {
					dir.remove(path)
				}
			}
			for i := range 4 {
				state := n.look(t)
				if state.Serial != good.SerialNumber.Text(16) || len(state.Broken) > 0 {
					t.Errorf("the current certificate was replaced: %+v", state)
				}
				if !strings.HasPrefix(state.LastError, "The files changed") || !strings.Contains(state.LastError, test.why) ||
					!strings.Contains(state.LastError, "still used") || state.FailedAt.IsZero() {
					t.Errorf("last error %q at %s, want %q in it", state.LastError, state.FailedAt, test.why)
				}
				want := min(i, 1) // logged once, when seen for the second time
				if got := strings.Count(n.log.String(), "rejected"); got != want {
					t.Errorf("after %d reads %d are logged, want %d: %s", i+1, got, want, n.log)
				}
			}
			if got := n.served(t, &tls.Config{ServerName: host}); got != good.SerialNumber.Text(16) {
				t.Error("handshakes get a rejected certificate")
			}
			// Another defect is logged too, when seen for the second time.
			dir.put(pair.Cert, []byte("something else"))
			for want := 1; want <= 2; want++ {
				n.look(t)
				if got := strings.Count(n.log.String(), "rejected"); got != want {
					t.Errorf("%d are logged, want %d: %s", got, want, n.log)
				}
			}
			better := dir.mint(nil, host)
			dir.putPair("a", better)
			if state := n.look(t); state.Serial != better.SerialNumber.Text(16) || state.LastError != "" || !state.FailedAt.IsZero() {
				t.Errorf("a good pair afterwards: %+v", state)
			}
			containsNoKey(t, n.log.String(), key, otherKey, endedKey, strangeKey)
		})
	}
}

// containsNoKey fails if text contains any line of a key.
func containsNoKey(t *testing.T, text string, keys ...[]byte) {
	t.Helper()
	for _, key := range keys {
		for line := range strings.Lines(string(key)) {
			if line = strings.TrimSpace(line); line != "" && strings.Contains(text, line) {
				t.Errorf("a key is in: %s", text)
			}
		}
	}
}

func TestFiles_ToleratesOneFileAtATime(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	pair := dir.putPair("a", dir.mint(nil, host))
	n := dir.open(clock.now, []string{host}, pair)
	for _, certFirst := range []bool{true, false, true} {
		next := dir.mint(nil, host)
		cert, key := next.pem(t)
		one, other := func() { dir.put(pair.Cert, cert) }, func() { dir.put(pair.Key, key) }
		if !certFirst {
			one, other = other, one
		}
		one()
		if state := n.look(t); state.Serial == next.SerialNumber.Text(16) {
			t.Error("half a pair is used")
		}
		other()
		if state := n.look(t); state.Serial != next.SerialNumber.Text(16) || state.LastError != "" {
			t.Errorf("the whole pair: %+v", state)
		}
	}
	// A file that is missing for one read only.
	cert, err := os.ReadFile(pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	dir.remove(pair.Cert)
	n.look(t)
	dir.put(pair.Cert, cert)
	n.look(t)
	if strings.Contains(n.log.String(), "rejected") {
		t.Errorf("an incomplete change is logged: %s", n.log)
	}
}

func TestFiles_ReplacesExpiredPairsUnlessWorse(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	ended := func(ago time.Duration, hosts ...string) *minted {
		return mint(t, dir.root, nil, dir.now, func(c *x509.Certificate) {
			forHosts(hosts...)(c)
			c.NotAfter = dir.now.Add(-ago)
		})
	}
	first, second := ended(time.Hour, host), ended(time.Minute, host)
	n := dir.open(clock.now, []string{host}, dir.putPair("a", first))
	if state := n.look(t); state.Level(clock.now()) != certificates.LevelBroken {
		t.Errorf("an expired certificate: %+v", state)
	}
	for _, test := range []struct {
		put, want *minted
	}{
		{second, second},
		{dir.mint(nil, "other.example.org"), second},
		{ended(time.Second, "other.example.org"), second},
	} {
		dir.putPair("a", test.put)
		if state := n.look(t); state.Serial != test.want.SerialNumber.Text(16) {
			t.Errorf("put %s for %s: %+v", test.put.NotAfter, test.put.DNSNames, state)
		}
	}
}

func TestFiles_OpenRejectsBadPairs(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	good := dir.mint(nil, host)
	cert, key := good.pem(t)
	_, otherKey := dir.mint(nil, host).pem(t)
	pair := dir.pair("a")
	for _, test := range []struct {
		name, cert, key, file string
	}{
		{"garbage", "garbage that is secret", string(key), pair.Cert},
		{"another key", string(cert), string(otherKey), pair.Key},
		{"garbage for a key", string(cert), "garbage that is secret", pair.Key},
		{"no certificate", "", string(key), pair.Cert},
		{"too large", string(cert), string(key) + strings.Repeat(" ", 1<<20), pair.Key},
		{"missing", string(cert), "missing", pair.Key},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir.put(pair.Cert, []byte(test.cert))
			if dir.put(pair.Key, []byte(test.key)); test.key == "missing" {
				dir.remove(pair.Key)
			}
			options := certificates.Options{Mode: certificates.Files, Pairs: []certificates.FilePair{pair}}
			_, err := certificates.Open(t.Context(), options, nil, "", clock.now, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), test.file) || strings.Contains(err.Error(), "secret") {
				t.Fatalf("got %v", err)
			}
			containsNoKey(t, err.Error(), key, otherKey)
		})
	}
	none := certificates.Options{Mode: certificates.Files}
	if _, err := certificates.Open(t.Context(), none, nil, "", clock.now, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("no files are accepted")
	}
}

func TestFiles_ChoosesByName(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	wild, exact := dir.mint(nil, "*.example.org", "example.net"), dir.mint(nil, "files.example.org")
	forOld := dir.mint(mintRSA(t, 2048), "files.example.org")
	n := dir.open(clock.now, []string{"files.example.org", "example.net"},
		dir.putPair("a", wild), dir.putPair("b", exact), dir.putPair("c", forOld))
	rsaOnly := &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
	for _, test := range []struct {
		what, name string
		config     *tls.Config
		want       *minted
	}{
		{"the exact name", "files.example.org", &tls.Config{}, exact},
		{"in capitals", "FILES.Example.ORG", &tls.Config{}, exact},
		{"an old client", "files.example.org", rsaOnly, forOld},
		{"under the wildcard", "other.example.org", &tls.Config{}, wild},
		{"another name of the first", "example.net", &tls.Config{}, wild},
		{"two under the wildcard", "a.b.example.org", &tls.Config{}, wild},
		{"an unknown name", "elsewhere.example.com", &tls.Config{}, wild},
		{"above the wildcard", "example.org", &tls.Config{}, wild},
		{"an address", "127.0.0.1", &tls.Config{}, wild},
		{"no name", "", &tls.Config{}, wild},
	} {
		test.config.ServerName = test.name
		if got := n.served(t, test.config); got != test.want.SerialNumber.Text(16) {
			t.Errorf("%s: did not get the certificate for %s", test.what, test.want.DNSNames)
		}
	}
}

func TestFiles_SeveralPairsTogetherCoverTheHosts(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	for _, name := range []string{"b", "a"} { // not sorted
		dir.putPair(name, dir.mint(nil, name+".example.org"))
	}
	n := dir.open(clock.now, []string{"a.example.org", "b.example.org", "c.example.org"}, dir.pair("b"), dir.pair("a"))
	look := func() (a, b certificates.State) {
		t.Helper()
		if err := n.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		states := n.CachedStates()
		if len(states) != 2 || states[0].Name != dir.pair("a").Cert {
			t.Fatalf("states: %+v", states)
		}
		return states[0], states[1]
	}
	if a, b := look(); len(a.Broken) > 0 || len(b.Broken) != 1 || !strings.Contains(b.Broken[0], "c.example.org") {
		t.Errorf("broken: %q and %q", a.Broken, b.Broken)
	}
	dir.putPair("a", dir.mint(nil, "c.example.org"))
	if a, _ := look(); a.LastError == "" || !slices.Equal(a.Hosts, []string{"a.example.org"}) {
		t.Errorf("a host was lost: %+v", a)
	}
	// Once the other pair covers the host, this one may drop it.
	dir.putPair("b", dir.mint(nil, "a.example.org", "b.example.org"))
	if a, b := look(); a.LastError != "" || !slices.Equal(a.Hosts, []string{"c.example.org"}) || len(b.Broken) > 0 {
		t.Errorf("a host moved to the other pair: %+v and %+v", a, b)
	}
}

func TestFiles_WarnsOfAReadableKey(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	pair := dir.putPair("a", dir.mint(nil, host))
	n := dir.open(clock.now, []string{host}, pair)
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		if err := os.Chmod(pair.Key, mode); err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(n.state(t).Notes, " ")
		if strings.Contains(notes, "chmod o-rwx "+pair.Key) != want {
			t.Errorf("mode %o: notes %q", mode, notes)
		}
	}
}

func TestFiles_RotateUnderLoad(t *testing.T) {
	const (
		clients   = 8
		requests  = 1000
		rotations = 100
		each      = requests / rotations
	)
	dir := newPairDir(t, time.Now())
	pair := dir.pair("a")
	both := []*minted{dir.mint(nil, host), dir.mint(mintRSA(t, 2048), host)}
	dir.putPair("a", both[0])
	n := dir.open(time.Now, []string{host}, pair)
	handler := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("here")) }
	server := httptest.NewUnstartedServer(http.HandlerFunc(handler))
	server.TLS = n.TLSConfig()
	// Not StartTLS: it would add its own certificate.
	server.Listener = tls.NewListener(server.Listener, server.TLS)
	server.Start()
	defer server.Close()

	// Each change starts some requests, and waits if too many are pending: so the
	// files change during all requests.
	starts := make(chan struct{}, requests/10)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var connections atomic.Int64
	var mu sync.Mutex
	seen := map[string]int{}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: poolOf(dir.root), ServerName: host},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			connections.Add(1)
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
	ask := func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+server.Listener.Addr().String(), nil)
		if err != nil {
			return err
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "here" {
			return errors.Join(err, errors.New("the answer is "+string(body)))
		}
		mu.Lock()
		defer mu.Unlock()
		seen[resp.TLS.PeerCertificates[0].SerialNumber.Text(16)]++
		return nil
	}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range starts {
				if err := ask(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range rotations {
		cert, key := both[(i+1)%2].pem(t)
		dir.put(pair.Cert, cert)
		n.look(t)
		dir.put(pair.Key, key)
		if state := n.look(t); state.Serial != both[(i+1)%2].SerialNumber.Text(16) {
			t.Errorf("change %d was not loaded: %+v", i, state)
		}
		for range each {
			starts <- struct{}{}
		}
	}
	close(starts)
	all.Wait()
	if got := connections.Load(); got != requests {
		t.Errorf("%d requests used %d connections", requests, got)
	}
	first, second := seen[both[0].SerialNumber.Text(16)], seen[both[1].SerialNumber.Text(16)]
	if first == 0 || second == 0 || first+second != requests {
		t.Errorf("%d saw one certificate, %d the other, of %d", first, second, requests)
	}
	if got := strings.Count(n.log.String(), "loaded a new"); got != rotations {
		t.Errorf("%d changes are logged, want %d", got, rotations)
	}
}

// A node reads the files again only when they have changed.
func TestChanged_WhenTheFilesHave(t *testing.T) {
	clock := newClock()
	dir := newPairDir(t, clock.now())
	n := dir.open(clock.now, []string{host}, dir.putPair("a", dir.mint(nil, host)))
	settle := func() {
		t.Helper()
		for range 2 { // what has changed is read again
			n.look(t)
		}
		if n.Changed() {
			t.Error("changed, although all is read")
		}
	}
	settle()
	dir.putPair("a", dir.mint(nil, host))
	if !n.Changed() {
		t.Error("not changed, after another certificate")
	}
	settle()
	dir.put(dir.pair("a").Key, []byte("nonsense"))
	n.look(t)
	if !n.Changed() {
		t.Error("not changed, although only one read has refused the pair")
	}
	settle()
}
