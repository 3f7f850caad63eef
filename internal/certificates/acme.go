package certificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// An Authority is a certificate authority that speaks ACME (RFC 8555).
type Authority struct {
	Directory string         // https URL of its directory
	Email     string         // contact for warnings from the authority; optional
	Roots     *x509.CertPool // roots for the authority's own TLS; nil: those of the machine
	KeyID     string         // of the external account (RFC 8555, 7.3.4); empty: none needed
	HMACKey   []byte
}

// answerTimeout limits one response of an authority.
const answerTimeout = 30 * time.Second

// cleanupTime is how long an order's background requests may continue after its
// outcome is known.
const cleanupTime = 20 * time.Second

// An acmeIssuer obtains certificates with ACME. It uses a separate autocert
// Manager for each order; databaseSource decides when to order, once for all
// nodes.
type acmeIssuer struct {
	*cache
	authority Authority
	transport http.RoundTripper
}

func newACMEIssuer(c *cache, authority Authority) *acmeIssuer {
	return &acmeIssuer{cache: c, authority: authority, transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{RootCAs: authority.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   answerTimeout,
		ResponseHeaderTimeout: answerTimeout,
		MaxIdleConnsPerHost:   1,
		IdleConnTimeout:       time.Minute,
	}}
}

// noRedirect follows no redirect: it could lead away from the configured authority
// (OWASP ASVS 5.0, 15.3.2).
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// issue implements issuer. It orders a certificate and waits for it. It orders a certificate and waits for it.
func (a *acmeIssuer) issue(ctx context.Context, s subject) error {
	ctx, cancel := context.WithTimeout(ctx, issueTimeout)
	// The Manager cleans up in the background after it has returned.
	defer time.AfterFunc(cleanupTime, cancel)
	order := &order{cache: a.cache, name: s.name, recorder: &errorRecorder{ctx: ctx, next: a.transport}}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      order,
		HostPolicy: autocert.HostWhitelist(s.hosts...),
		Email:      a.authority.Email,
		// A Manager keeps renewing by itself and cannot be stopped. With this value
		// it wakes up one second before the certificate expires, finds the one that
		// databaseSource has renewed, and goes back to sleep. It cannot order
		// anything, because order.done rejects its writes.
		RenewBefore: time.Second,
		Client: &acme.Client{
			DirectoryURL: a.authority.Directory,
			HTTPClient:   &http.Client{Transport: order.recorder, Timeout: answerTimeout, CheckRedirect: noRedirect},
			RetryBackoff: backoff,
			UserAgent:    "cloakroom",
		},
	}
	if a.authority.KeyID != "" {
		manager.ExternalAccountBinding = &acme.ExternalAccountBinding{KID: a.authority.KeyID, Key: a.authority.HMACKey}
	}
	manager.HTTPHandler(nil) // enables HTTP-01; challenges answers the requests
	_, err := manager.GetCertificate(helloFor(s.name))
	order.done.Store(true)
	if err == nil {
		err = order.putErr
	}
	if err != nil {
		return &issueError{cause: err, said: order.recorder.last()}
	}
	return nil
}

// distrusted implements issuer. Certificates of public authorities stay trusted.
func (a *acmeIssuer) distrusted(context.Context, *tls.Certificate) (string, error) { return "", nil }

// helloFor returns the ClientHello of a modern browser that connects to host.
func helloFor(host string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:       host,
		SupportedProtos:  []string{"h2", "http/1.1"},
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	}
}

// backoff returns how long autocert waits before it repeats a failed request: up
// to 2 seconds, at most four times, and never after status 429. Then the order
// fails, and databaseSource schedules the next one.
func backoff(tries int, _ *http.Request, resp *http.Response) time.Duration {
	const most = 4
	if tries > most || resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return -1
	}
	return time.Duration(tries) * 500 * time.Millisecond
}

// An order is the cache and the HTTP connection of one Manager while it obtains a
// certificate.
type order struct {
	*cache
	recorder *errorRecorder
	name     string
	putErr   error // error of storing the certificate
	done     atomic.Bool
}

// Get implements autocert.Cache. It hides the previous certificate, so that the
// Manager orders a new one.
func (o *order) Get(ctx context.Context, name string) ([]byte, error) {
	if name == o.name && !o.done.Load() {
		return nil, autocert.ErrCacheMiss
	}
	return o.cache.Get(ctx, name)
}

// Put implements autocert.Cache. It remembers the error, which the Manager ignores.
func (o *order) Put(ctx context.Context, name string, plain []byte) error {
	if o.done.Load() {
		return errors.New("the order is over")
	}
	err := o.cache.Put(ctx, name, plain)
	if name == o.name {
		o.putErr = err
	}
	return err
}
