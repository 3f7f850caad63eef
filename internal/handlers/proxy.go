package handlers

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// A hop is where a request came from and by which way, as far as it can be
// believed.
type hop struct {
	addr    netip.Addr // of the visitor; zero: the connection has none
	https   bool       // the visitor came by TLS
	host    string     // the visitor asked for, with its port if it named one
	proxied bool       // by a proxy that is trusted
}

const hopKey = "hop" // where a request keeps its hop

// cameBy returns the hop of the request.
func cameBy(c echo.Context) hop {
	h, _ := c.Get(hopKey).(hop)
	return h
}

// located finds out where the request came from. What it says of itself in
// X-Forwarded-For, -Proto and -Host is believed only from TRUSTED_PROXIES, and
// of the addresses only the right-most that no trusted proxy has (OWASP ASVS
// 5.0, 4.1.3).
func (s *Server) located(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(hopKey, s.hopOf(c.Request()))
		return next(c)
	}
}

func (s *Server) hopOf(r *http.Request) hop {
	h := hop{addr: addrOf(r.RemoteAddr), https: r.TLS != nil, host: r.Host}
	if !s.trusted(h.addr) {
		return h
	}
	h.proxied = true
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		h.https = proto == "https"
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		h.host = host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, one := range slices.Backward(hops) {
		addr := addrOf(strings.TrimSpace(one))
		if !addr.IsValid() {
			break // what stands further left cannot be told
		}
		h.addr = addr
		if !s.trusted(addr) {
			break
		}
	}
	return h
}

func (s *Server) trusted(addr netip.Addr) bool {
	return addr.IsValid() && slices.ContainsFunc(s.Settings.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addrOf reads an address with or without a port; an IPv4 address in IPv6 form
// is the IPv4 address. What is none is the zero Addr.
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

// knownHost refuses a request for a host that is not ours: what answers to any
// name can be made to answer to an attacker's (DNS rebinding, poisoned links).
// A name of the loopback interface is always ours, for only this machine can
// mean us by it.
func (s *Server) knownHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.goesBy(hostname(cameBy(c).host)) {
			return next(c)
		}
		return problem.New(problem.Misdirected, "This site does not go by the name you asked for.")
	}
}

// goesBy reports whether the site goes by a host, which has no port.
func (s *Server) goesBy(host string) bool {
	_, public, _ := strings.Cut(s.Settings.PublicURL, "://")
	return isLoopback(host) || host == hostname(public) || slices.Contains(s.Settings.AllowedHosts, host)
}

// hostname is the host without its port and its last dot, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// acmePath is asked by certificate authorities, and only ever by http (RFC
// 8555, 8.3).
const acmePath = "/.well-known/acme-challenge/"

// overTLS sends who came by http to the same address by https, if that is
// where the site is. 308 keeps method and body (RFC 9110, 15.4.9). Whoever
// comes from this machine itself may be a proxy or a probe, and is let be, but
// for a trusted proxy that says itself that its visitor came by http.
func (s *Server) overTLS(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, h := c.Request(), cameBy(c)
		if !s.Settings.Secure {
			return next(c)
		}
		if h.https {
			if s.Settings.HSTS != "" {
				c.Response().Header().Set("Strict-Transport-Security", s.Settings.HSTS)
			}
			return next(c)
		}
		local := addrOf(r.RemoteAddr).IsLoopback() && !(h.proxied && r.Header.Get("X-Forwarded-Proto") == "http")
		if isLoopback(hostname(h.host)) || local || strings.HasPrefix(r.URL.Path, acmePath) {
			return next(c)
		}
		origin := s.Settings.PublicURL
		if s.onContentHost(c) {
			origin = s.Settings.ContentOrigin
		}
		return c.Redirect(http.StatusPermanentRedirect, origin+r.URL.RequestURI())
	}
}
