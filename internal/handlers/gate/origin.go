package gate

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// An Origin is the visitor's IP address, scheme and host after trusted proxies are
// resolved.
type Origin struct {
	Addr    netip.Addr // of the visitor; zero: the connection has none
	HTTPS   bool       // the visitor uses TLS
	Host    string     // as the visitor requested it, with a port if it has one
	proxied bool       // the request came through a trusted proxy
}

// originOf returns the origin of the request.
func originOf(c echo.Context) Origin { return VisitOf(c).Origin }

// ResolveClient finds the origin of the request. It trusts X-Forwarded-For, -Proto
// and -Host only from TRUSTED_PROXIES, and takes the right-most address that is not
// a trusted proxy (OWASP ASVS 5.0, 4.1.3).
func (g *Gate) ResolveClient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		VisitOf(c).Origin = g.resolveOrigin(c.Request())
		return next(c)
	}
}

// resolveOrigin returns the origin of r.
func (g *Gate) resolveOrigin(r *http.Request) Origin {
	o := Origin{Addr: addrOf(r.RemoteAddr), HTTPS: r.TLS != nil, Host: r.Host}
	if !g.isTrustedProxy(o.Addr) {
		return o
	}
	o.proxied = true
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		o.HTTPS = proto == "https"
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		o.Host = host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, one := range slices.Backward(hops) {
		addr := addrOf(strings.TrimSpace(one))
		if !addr.IsValid() {
			break // the addresses to its left cannot be trusted either
		}
		o.Addr = addr
		if !g.isTrustedProxy(addr) {
			break
		}
	}
	return o
}

// isTrustedProxy reports whether addr belongs to a trusted proxy.
func (g *Gate) isTrustedProxy(addr netip.Addr) bool {
	return addr.IsValid() && slices.ContainsFunc(g.Options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addrOf parses an IP address with or without a port. It returns an IPv4-mapped
// IPv6 address as IPv4, and the zero Addr for other text.
func addrOf(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}
