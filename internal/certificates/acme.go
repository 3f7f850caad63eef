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
	Directory string         // https address
	Email     string         // whom it may tell of trouble; may be empty
	Roots     *x509.CertPool // who signed its own certificate; nil: whom the machine trusts
	KeyID     string         // of the external account (RFC 8555, 7.3.4); empty: it wants none
	HMACKey   []byte
}

// directoryTimeout is how long one answer of an authority may take.
const directoryTimeout = 30 * time.Second

// lastWords is how long an order may go on when its outcome is known.
const lastWords = 20 * time.Second

// An acmeIssuer gets certificates by ACME. autocert does it, with a Manager
// for each certificate that is to be got: who comes when is for kept to say,
// which asks once for all nodes.
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
		TLSHandshakeTimeout:   directoryTimeout,
		ResponseHeaderTimeout: directoryTimeout,
		MaxIdleConnsPerHost:   1,
		IdleConnTimeout:       time.Minute,
	}}
}

// issue implements issuer.
func (a *acmeIssuer) issue(ctx context.Context, s subject) error {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	// What it does not need any more the Manager gives back in the background.
	defer time.AfterFunc(lastWords, cancel)
	order := &order{cache: a.cache, name: s.name, watch: &watch{ctx: ctx, next: a.transport}}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      order,
		HostPolicy: autocert.HostWhitelist(s.hosts...),
		Email:      a.authority.Email,
		// A Manager goes on to renew by itself, and cannot be told to stop. So it
		// comes at the last moment, finds that kept has long renewed, and waits for
		// the end of that; it never orders, for its order is over.
		RenewBefore: time.Second,
		Client: &acme.Client{
			DirectoryURL: a.authority.Directory,
			HTTPClient:   &http.Client{Transport: order.watch, Timeout: directoryTimeout},
			RetryBackoff: backoff,
			UserAgent:    "cloakroom",
		},
	}
	if a.authority.KeyID != "" {
		manager.ExternalAccountBinding = &acme.ExternalAccountBinding{KID: a.authority.KeyID, Key: a.authority.HMACKey}
	}
	manager.HTTPHandler(nil) // so that it tries HTTP-01 too; kept's challenges answer
	_, err := manager.GetCertificate(helloFor(s.name))
	order.over.Store(true)
	if err == nil {
		err = order.lost
	}
	if err != nil {
		return &issueError{cause: err, said: order.watch.last()}
	}
	return nil
}

// distrusts implements issuer: what the authority said when it signed holds.
func (a *acmeIssuer) distrusts(context.Context, *tls.Certificate) (string, error) { return "", nil }

// helloFor is what a browser of today would say to ask for host.
func helloFor(host string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:       host,
		SupportedProtos:  []string{"h2", "http/1.1"},
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	}
}

// backoff is how long autocert waits before it repeats a request: a moment, a
// few times. Who is told to come again much later comes with the next try.
func backoff(tries int, _ *http.Request, resp *http.Response) time.Duration {
	const most = 4
	if tries > most || resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return -1
	}
	return time.Duration(tries) * 500 * time.Millisecond
}

// An order is the cache and the connection of one Manager, as long as it gets
// its certificate.
type order struct {
	*cache
	watch *watch
	name  string
	lost  error // why the certificate could not be kept
	over  atomic.Bool
}

// Get implements autocert.Cache. It hides the certificate from before, or the
// Manager would be content with it.
func (o *order) Get(ctx context.Context, name string) ([]byte, error) {
	if name == o.name && !o.over.Load() {
		return nil, autocert.ErrCacheMiss
	}
	return o.cache.Get(ctx, name)
}

// Put implements autocert.Cache. The Manager ignores an error of it.
func (o *order) Put(ctx context.Context, name string, plain []byte) error {
	if o.over.Load() {
		return errors.New("the order is over")
	}
	err := o.cache.Put(ctx, name, plain)
	if name == o.name {
		o.lost = err
	}
	return err
}
