package gate

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// What users uploaded may be served from a host of its own, CONTENT_ORIGIN,
// which gets no cookie and has no page of ours: should a browser take a file
// for a page after all, it can do nothing in the name of a user. The site checks
// who asks and redirects them there with a signed ticket.

// CheckContent rejects options that would let anybody sign a ticket, or would
// serve the content from the site's own host.
func (g *Gate) CheckContent() error {
	switch {
	case g.Options.ContentOrigin == "":
		return nil
	case len(g.Options.ContentKey) < minContentKey:
		return errors.New("a content origin needs a key of at least 32 characters")
	case hostOf(g.Options.ContentOrigin) == hostOf(g.Options.PublicURL):
		return errors.New("the content origin must be another host than the site")
	}
	return nil
}

// hostOf returns the host name of an origin.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return Hostname(host)
}

// OnContentHost reports whether the request is to the content host.
func (g *Gate) OnContentHost(c echo.Context) bool {
	return g.Options.ContentOrigin != "" && Hostname(originOf(c).Host) == hostOf(g.Options.ContentOrigin)
}

// SplitHosts hides the routes of the site from the content host, and the other
// way round.
func (g *Gate) SplitHosts(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if a.On != AnyHost && (a.On == ContentHost) != g.OnContentHost(c) {
				return ErrNotFound()
			}
			return next(c)
		}
	}
}

// RequireHost rejects a request for a host name that is not configured: a site
// that answers to any name can be made to answer to an attacker's (DNS
// rebinding, poisoned links). Names of the loopback interface are always
// accepted, for only this machine can mean us by them. Machines and probes may
// know no more of us than an address.
func (g *Gate) RequireHost(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if a.By == NoCredential || a.On == ContentHost {
			return next
		}
		return func(c echo.Context) error {
			if g.IsOwnHost(Hostname(originOf(c).Host)) {
				return next(c)
			}
			return problem.New(problem.Misdirected, "This host name is not configured for this site.")
		}
	}
}

// IsOwnHost reports whether host, which has no port, is a name of the site.
func (g *Gate) IsOwnHost(host string) bool {
	_, public, _ := strings.Cut(g.Options.PublicURL, "://")
	return isLoopback(host) || host == Hostname(public) || slices.Contains(g.Options.AllowedHosts, host)
}

// Hostname returns host without its port and its last dot, in lower case.
func Hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// acmePath is requested by certificate authorities, and only by http (RFC 8555,
// 8.3).
const acmePath = "/.well-known/acme-challenge/"

// RequireTLS redirects http to https, if that is where the site is. 308 keeps
// method and body (RFC 9110, 15.4.9). A connection from this machine may be a
// proxy or a probe and is served as it is, unless it is a trusted proxy that
// says its visitor uses http.
func (g *Gate) RequireTLS(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, o := c.Request(), originOf(c)
		if !g.Options.Secure {
			return next(c)
		}
		if o.HTTPS {
			if g.Options.HSTS != "" {
				c.Response().Header().Set("Strict-Transport-Security", g.Options.HSTS)
			}
			return next(c)
		}
		local := addrOf(r.RemoteAddr).IsLoopback() && !(o.proxied && r.Header.Get("X-Forwarded-Proto") == "http")
		if isLoopback(Hostname(o.Host)) || local || strings.HasPrefix(r.URL.Path, acmePath) {
			return next(c)
		}
		origin := g.Options.PublicURL
		if g.OnContentHost(c) {
			origin = g.Options.ContentOrigin
		}
		return c.Redirect(http.StatusPermanentRedirect, origin+r.URL.RequestURI())
	}
}
