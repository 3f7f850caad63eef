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

// CONTENT_ORIGIN can name a second host for uploaded files. It gets no cookies and
// has no pages, so a file that a browser takes for a page cannot act for a user. The
// site checks the visitor's access and redirects them there with a signed ticket.

// CheckContent returns an error if the options have a content origin without a safe
// key, or one on the site's own host.
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

// hostOf returns the host name of an origin, in lower case and without a port.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return Hostname(host)
}

// OnContentHost reports whether the request was sent to the content host.
func (g *Gate) OnContentHost(c echo.Context) bool {
	return g.Options.ContentOrigin != "" && Hostname(originOf(c).Host) == hostOf(g.Options.ContentOrigin)
}

// SplitHosts answers 404 on the content host for routes of the site, and on the
// site for routes of the content host.
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

// RequireHost rejects requests for host names that are not configured, against DNS
// rebinding and poisoned links. Loopback names are always accepted, because only
// this machine can reach the site by them. Routes for machines accept any name,
// because a health check may know only an IP address.
func (g *Gate) RequireHost(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if a.By == NoCredential || a.On == ContentHost {
			return next
		}
		return func(c echo.Context) error {
			if g.IsOwnHost(Hostname(originOf(c).Host)) {
				return next(c)
			}
			return problem.New(problem.Misdirected, "This site is at %s.", g.Options.PublicURL)
		}
	}
}

// IsOwnHost reports whether host is a name of the site. It must have no port.
func (g *Gate) IsOwnHost(host string) bool {
	_, public, _ := strings.Cut(g.Options.PublicURL, "://")
	return isLoopback(host) || host == Hostname(public) || slices.Contains(g.Options.AllowedHosts, host)
}

// Hostname returns host in lower case, without its port and trailing dot.
func Hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isLoopback reports whether host is a name or address of the loopback interface.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// acmePath begins the paths that certificate authorities request, over HTTP only
// (RFC 8555, 8.3).
const acmePath = "/.well-known/acme-challenge/"

// RequireTLS redirects HTTP to HTTPS if the site uses HTTPS, and refuses programs. Status
// 308 keeps method and body (RFC 9110, 15.4.9). Connections from this machine are
// served without TLS, because they may be a proxy or a health check, unless a trusted
// proxy says that its visitor uses HTTP.
func (g *Gate) RequireTLS(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, o := c.Request(), originOf(c)
		if !g.Options.Secure || o.HTTPS {
			return next(c)
		}
		local := addrOf(r.RemoteAddr).IsLoopback() && !(o.proxied && r.Header.Get("X-Forwarded-Proto") == "http")
		if isLoopback(Hostname(o.Host)) || local || strings.HasPrefix(r.URL.Path, acmePath) {
			return next(c)
		}
		if IsForPrograms(r) {
			return problem.New(problem.Forbidden, UnencryptedMessage)
		}
		origin := g.Options.PublicURL
		if g.OnContentHost(c) {
			origin = g.Options.ContentOrigin
		}
		return c.Redirect(http.StatusPermanentRedirect, origin+Target(r.URL))
	}
}
