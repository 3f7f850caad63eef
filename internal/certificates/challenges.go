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

// Suffixes of the names under which autocert stores answers to challenges.
const (
	httpAnswer = "+http-01"
	tlsAnswer  = "+token"
)

// Limits for the challenges that are looked up. An authority sends only a few
// requests; more come from strangers.
const (
	challengesPerSecond = 20
	challengesAtOnce    = 100
)

// challengePath matches the path of an HTTP-01 challenge (RFC 8555, 8.3). A token
// has at least 128 bits, in base64url.
var challengePath = regexp.MustCompile(`^/\.well-known/acme-challenge/[A-Za-z0-9_-]{22,128}$`)

// challenges answers the challenges of an authority, on any node, for orders of
// any node.
type challenges struct {
	answers
	hosts   []string
	limit   *rate.Limiter
	manager *autocert.Manager // only answers challenges; never orders
}

func newChallenges(c *cache, hosts []string) *challenges {
	return &challenges{
		answers: answers{c}, hosts: hosts, limit: rate.NewLimiter(challengesPerSecond, challengesAtOnce),
		manager: &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: answers{c}},
	}
}

// http returns a handler that answers HTTP-01 challenges and passes other requests to next.
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
		_, _ = w.Write(answer) //nolint:gosec // stored by autocert; not markup
	})
}

// isChallenge reports whether hello is a TLS-ALPN-01 challenge (RFC 8737, 4).
func isChallenge(hello *tls.ClientHelloInfo) bool {
	return slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto})
}

// tls returns the certificate that answers a TLS-ALPN-01 challenge.
func (c *challenges) tls(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !slices.Contains(c.hosts, strings.ToLower(hello.ServerName)) || !c.limit.Allow() {
		return nil, errors.New("no challenge is for the host that was asked for")
	}
	return c.manager.GetCertificate(hello)
}

// answers is a cache that only returns answers to challenges. It logs errors
// instead of returning them, because autocert would send them to the client.
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
