package gate

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Origin is the visitor's address, scheme and host after trusted proxies are
// resolved.
type Origin struct {
	Addr    netip.Addr // of the visitor; zero: the connection has none
	HTTPS   bool       // the visitor uses TLS
	Host    string     // the visitor asked for, with its port if it named one
	proxied bool       // the request came through a trusted proxy
}

// originOf returns the origin of the request.
func originOf(c echo.Context) Origin { return VisitOf(c).Origin }

// ResolveClient finds out where the request came from. X-Forwarded-For, -Proto
// and -Host are believed only from TRUSTED_PROXIES, and of the addresses only
// the right-most one that is not a trusted proxy's (OWASP ASVS 5.0, 4.1.3).
func (g *Gate) ResolveClient(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		VisitOf(c).Origin = g.resolveOrigin(c.Request())
		return next(c)
	}
}

func (g *Gate) resolveOrigin(r *http.Request) Origin {
	o := Origin{Addr: addrOf(r.RemoteAddr), HTTPS: r.TLS != nil, Host: r.Host}
	if !g.trusted(o.Addr) {
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
			break // what stands further left cannot be trusted either
		}
		o.Addr = addr
		if !g.trusted(addr) {
			break
		}
	}
	return o
}

// trusted reports whether addr is that of a trusted proxy.
func (g *Gate) trusted(addr netip.Addr) bool {
	return addr.IsValid() && slices.ContainsFunc(g.Options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addrOf reads an address with or without a port. An IPv4 address in IPv6 form
// becomes the IPv4 address; other text, the zero Addr.
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
