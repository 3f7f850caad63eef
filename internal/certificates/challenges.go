package certificates

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/time/rate"
)

// What an answer to a challenge is kept as ends so, as autocert does it.
const (
	httpAnswer = "+http-01"
	tlsAnswer  = "+token"
)

// How many challenges are looked up, of all that are asked: an authority asks
// from a few places, and others have no business here.
const (
	challengesPerSecond = 20
	challengesAtOnce    = 100
)

// challengePath is where an authority asks by HTTP-01 (RFC 8555, 8.3). A token
// has at least 128 bits, in base64url.
var challengePath = regexp.MustCompile(`^/\.well-known/acme-challenge/[A-Za-z0-9_-]{22,128}$`)

// challenges answers what an authority asks, whichever node is asked and
// whichever has the order.
type challenges struct {
	answers
	hosts   []string
	limit   *rate.Limiter
	manager *autocert.Manager // answers alone: it never gets a certificate
}

func newChallenges(c *cache, hosts []string) *challenges {
	return &challenges{
		answers: answers{c}, hosts: hosts, limit: rate.NewLimiter(challengesPerSecond, challengesAtOnce),
		manager: &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: answers{c}},
	}
}

// http answers challenges by HTTP-01, and leaves the rest to next.
func (c *challenges) http(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		ours := slices.Contains(c.hosts, strings.ToLower(host)) && challengePath.MatchString(r.URL.Path)
		if r.Method != http.MethodGet || !ours || !c.limit.Allow() {
			next.ServeHTTP(w, r)
			return
		}
		answer, err := c.Get(r.Context(), path.Base(r.URL.Path)+httpAnswer)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(answer) //nolint:gosec // of our own making, and no markup
	})
}

// asked reports whether hello is from an authority that asks by TLS-ALPN-01
// (RFC 8737, 4).
func asked(hello *tls.ClientHelloInfo) bool {
	return slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto})
}

// tls answers a challenge by TLS-ALPN-01.
func (c *challenges) tls(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !slices.Contains(c.hosts, strings.ToLower(hello.ServerName)) || !c.limit.Allow() {
		return nil, errors.New("no challenge is for the host that was asked for")
	}
	return c.manager.GetCertificate(hello)
}

// answers is a cache that shows answers to challenges alone, and nobody its
// errors: autocert would tell them to whoever asked.
type answers struct{ *cache }

// Get implements autocert.Cache.
func (a answers) Get(ctx context.Context, name string) ([]byte, error) {
	if !strings.HasSuffix(name, httpAnswer) && !strings.HasSuffix(name, tlsAnswer) {
		return nil, autocert.ErrCacheMiss
	}
	plain, err := a.cache.Get(ctx, name)
	if err != nil && !errors.Is(err, autocert.ErrCacheMiss) {
		a.log.WarnContext(ctx, "reading the answer to a challenge", "err", err)
		return nil, autocert.ErrCacheMiss
	}
	return plain, err
}
