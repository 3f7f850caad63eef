package certificates_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/testenv"
)

func optionsFor(t *testing.T, a *testenv.ACME, hosts ...string) certificates.Options {
	t.Helper()
	text, err := os.ReadFile(a.RootFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return certificates.Options{
		Mode: certificates.Autocert, Hosts: hosts,
		Authority: certificates.Authority{Directory: a.Directory(), Email: "ann@example.org", Roots: roots},
	}
}

// newACMENode returns a node, and an authority that reaches it over HTTP and TLS.
func newACMENode(t *testing.T, db *database.DB, now func() time.Time) (*node, *testenv.ACME) {
	t.Helper()
	forTLS, tlsPort := listenLoopback(t)
	forHTTP, httpPort := listenLoopback(t)
	a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: httpPort, TLSPort: tlsPort})
	return open(t, optionsFor(t, a, host), db, now).serve(t, forTLS, forHTTP), a
}

func TestAutocert_SupportsBothChallenges(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, way := range []string{"TLS-ALPN-01", "HTTP-01"} {
			t.Run(way, func(t *testing.T) {
				forTLS, tlsPort := listenLoopback(t)
				forHTTP, httpPort := listenLoopback(t)
				settings := testenv.ACMESettings{HTTPPort: httpPort, TLSPort: tlsPort}
				if way == "HTTP-01" {
					settings.TLSPort = testenv.FreePort(t)
				} else {
					settings.HTTPPort = testenv.FreePort(t)
				}
				a := testenv.Pebble(t, settings)
				n := open(t, optionsFor(t, a, host, "content.example.org"), db, newClock().now).serve(t, forTLS, forHTTP)
				if err := n.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				roots := a.Roots(t)
				if n.mustSerial(t, host, roots) == n.mustSerial(t, "CONTENT.example.org", roots) {
					t.Error("two hosts share a certificate")
				}
				states, err := n.States(t.Context())
				if err != nil || len(states) != 2 || states[0].Level(time.Now()) != certificates.LevelOK || states[0].LastError != "" {
					t.Errorf("states: %+v, %v", states, err)
				}
				for _, stranger := range []string{"evil.example.org", "example.org", "localhost"} {
					if _, err := n.serial(t, stranger, roots); err == nil {
						t.Errorf("there is a certificate for %s", stranger)
					}
				}
				if err := n.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				if most := 4; a.Orders() > most { // two each if the first challenge failed
					t.Errorf("%d orders, want no more than %d", a.Orders(), most)
				}
			})
		}
	})
}

func TestAutocert_StoresEntriesSealed(t *testing.T) {
	db := databasetest.New(t)
	n, a := newACMENode(t, db, newClock().now)
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := db.CertificateEntries(t.Context(), a.Directory())
	if err != nil || len(entries) < 2 {
		t.Fatalf("%d entries, %v, want the account and the certificate", len(entries), err)
	}
	for _, entry := range entries {
		if bytes.Contains(entry.Sealed, []byte("PRIVATE")) || bytes.Contains(entry.Sealed, []byte("CERTIFICATE")) {
			t.Errorf("%s is stored unencrypted", entry.Name)
		}
	}
	_, err = certificates.Open(t.Context(), optionsFor(t, a, host), db, siteKey+"x", time.Now, nil)
	if err == nil || !strings.Contains(err.Error(), "another site key") {
		t.Errorf("another site key: %v", err)
	}
}

func TestAutocert_RenewsAfterFailures(t *testing.T) {
	clock := newClock()
	db := databasetest.New(t)
	n, a := newACMENode(t, db, clock.now)
	ctx := t.Context()
	if err := n.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	roots := a.Roots(t)
	first := n.mustSerial(t, host, roots)
	account := func() string {
		entry, err := db.CertificateEntry(ctx, a.Directory(), "acme_account+key")
		if err != nil {
			t.Fatal(err)
		}
		return string(entry.Sealed)
	}
	key := account()
	clock.advance(59 * 24 * time.Hour)
	if err := n.Refresh(ctx); err != nil || n.mustSerial(t, host, roots) != first {
		t.Fatalf("renewed with a third of its time left: %v", err)
	}
	clock.advance(4 * 24 * time.Hour) // past the jitter
	a.Refuse(http.StatusTooManyRequests, "rateLimited", 7200)
	if err := n.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	got := n.state(t)
	if !strings.Contains(got.LastError, "rate limit is reached for "+host) || got.Level(clock.now()) != certificates.LevelExpiring {
		t.Errorf("while refused: %+v", got)
	}
	if n.mustSerial(t, host, roots) != first {
		t.Error("the valid certificate is not served while the authority refuses")
	}
	a.Refuse(0, "", 0)
	orders := a.Orders()
	clock.advance(119 * time.Minute)
	if err := n.Refresh(ctx); err != nil || a.Orders() != orders {
		t.Fatalf("ordered before the time the authority gave: %v", err)
	}
	clock.advance(time.Minute)
	a.Kill()
	if err := n.Refresh(ctx); err != nil || n.mustSerial(t, host, roots) != first {
		t.Fatalf("while the authority is down: %v", err)
	}
	if got := n.state(t).LastError; !strings.Contains(got, "could not be reached") {
		t.Errorf("while the authority is down the last error is %q", got)
	}
	a.Restart(t) // without the account, which is registered again with the same key
	clock.advance(20 * time.Minute)
	if err := n.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if n.mustSerial(t, host, a.Roots(t)) == first || n.state(t).LastError != "" || account() != key {
		t.Errorf("not renewed, or with another account: %+v\n%s", n.state(t), n.log)
	}
}

func TestAutocert_TwoNodesPlaceOneOrder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		forTLS, tlsPort := listenLoopback(t)
		other, _ := listenLoopback(t)
		a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: testenv.FreePort(t), TLSPort: tlsPort})
		options := optionsFor(t, a, host)
		nodes := []*node{open(t, options, db, time.Now).serve(t, forTLS, nil), open(t, options, db, time.Now).serve(t, other, nil)}
		var all sync.WaitGroup
		for _, n := range nodes {
			all.Go(func() {
				if err := n.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, n := range nodes {
			if err := n.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		roots := a.Roots(t)
		if a.Orders() != 1 || nodes[0].mustSerial(t, host, roots) != nodes[1].mustSerial(t, host, roots) {
			t.Errorf("%d orders, or the nodes have different certificates", a.Orders())
		}
		// A restarted node does not need the authority.
		a.Kill()
		again, _ := listenLoopback(t)
		n := open(t, options, db, time.Now).serve(t, again, nil)
		if n.mustSerial(t, host, roots) != nodes[0].mustSerial(t, host, roots) {
			t.Error("a restarted node has another certificate")
		}
		if err := n.Refresh(t.Context()); err != nil || a.Orders() != 1 {
			t.Errorf("a restarted node: %v, %d orders", err, a.Orders())
		}
	})
}

// One node answers the challenges for an order of another one.
func TestAutocert_AnyNodeAnswersChallenges(t *testing.T) {
	for _, way := range []string{"TLS-ALPN-01", "HTTP-01"} {
		t.Run(way, func(t *testing.T) {
			db := databasetest.New(t)
			listener, port := listenLoopback(t)
			a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: port, TLSPort: port})
			options := optionsFor(t, a, host)
			answering := open(t, options, db, time.Now)
			if way == "HTTP-01" {
				answering.serve(t, nil, listener)
			} else {
				answering.serve(t, listener, nil)
			}
			err := open(t, options, db, time.Now).Refresh(t.Context())
			if err != nil || answering.state(t).Level(time.Now()) != certificates.LevelOK {
				t.Errorf("the other node got none: %v, %+v", err, answering.state(t))
			}
		})
	}
}

func TestAutocert_WithAnExternalAccount(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString([]byte("a key of thirty-two bytes, or so"))
	listener, port := listenLoopback(t)
	a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: port, TLSPort: port, KeyID: "kid-1", HMACKey: key})
	options := optionsFor(t, a, host)
	without := open(t, options, databasetest.New(t), time.Now)
	if err := without.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := without.state(t); !strings.Contains(got.LastError, "ACME_EAB_KEY_ID") || got.Level(time.Now()) != certificates.LevelMissing {
		t.Errorf("without an account: %+v", got)
	}
	options.Authority.KeyID, options.Authority.HMACKey = "kid-1", []byte("a key of thirty-two bytes, or so")
	n := open(t, options, databasetest.New(t), time.Now).serve(t, listener, nil)
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.mustSerial(t, host, a.Roots(t))
}

func TestAutocert_ExplainsFailures(t *testing.T) {
	a := testenv.Pebble(t, testenv.ACMESettings{HTTPPort: testenv.FreePort(t), TLSPort: testenv.FreePort(t)})
	n := open(t, optionsFor(t, a, host), databasetest.New(t), time.Now)
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := n.state(t)
	if !strings.Contains(got.LastError, "could not connect to "+host+": ports 80 and 443") ||
		got.Level(time.Now()) != certificates.LevelMissing {
		t.Errorf("with closed ports the state is %+v", got)
	}
	orders := a.Orders()
	if err := n.Refresh(t.Context()); err != nil || a.Orders() != orders {
		t.Errorf("tried again at once: %v", err)
	}
	for path, want := range map[string]int{
		"/.well-known/acme-challenge/" + strings.Repeat("a", 43): 404, "/.well-known/acme-challenge/../x": 404, "/": 404,
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+path, nil)
		rec := httptest.NewRecorder()
		n.Challenges(http.NotFoundHandler()).ServeHTTP(rec, r)
		if rec.Code != want || strings.Contains(rec.Body.String(), "autocert") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

// An unusable certificate is not ordered again at once, which would soon exceed
// the authority's limits.
func TestAutocert_WaitsAfterUnusableCertificates(t *testing.T) {
	clock := newClock()
	clock.advance(-48 * time.Hour) // so that new certificates are not valid yet
	n, a := newACMENode(t, databasetest.New(t), clock.now)
	for range 3 {
		if err := n.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Minute)
	}
	if got := n.state(t); a.Orders() != 1 || !strings.Contains(got.LastError, "is not valid before") {
		t.Errorf("%d orders, want 1: %+v", a.Orders(), got)
	}
}
