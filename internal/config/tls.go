package config

import (
	"cmp"
	"encoding/base64"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// The values of TLS_MODE.
const (
	tlsOff        = "off"
	tlsAutocert   = "autocert"
	tlsFiles      = "files"
	tlsSelfSigned = "self-signed"
)

// Words in the place of a value.
const (
	auto = "auto"
	off  = "off"
)

// TLS reports whether the server terminates TLS itself.
func (c Config) TLS() bool { return c.TLSMode != tlsOff }

// Hosts lists the hosts of the site, without ports, the one of PUBLIC_URL first.
func (c Config) Hosts() []string {
	hosts := []string{hostKey(c.PublicURL.Hostname())}
	more := c.AllowedHosts
	if !c.ContentOrigin.IsZero() {
		more = append(slices.Clone(more), c.ContentOrigin.Hostname())
	}
	for _, host := range more {
		if host = hostKey(host); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// EABKey is the key of the external account (RFC 8555, 7.3.4), if there is one.
func (c Config) EABKey() ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(c.ACMEHMACKey.Reveal(), "="))
}

// resolve replaces auto and off by what they stand for.
func (c *Config) resolve() {
	if c.Addr == auto {
		c.Addr = "127.0.0.1:8080"
		if c.TLS() {
			c.Addr = ":" + cmp.Or(c.PublicURL.Port(), "443")
		}
		if c.TLSMode == tlsSelfSigned {
			c.Addr = "127.0.0.1" + c.Addr
		}
	}
	switch {
	case c.RedirectAddr == auto && (c.TLSMode == tlsAutocert || c.TLSMode == tlsFiles):
		c.RedirectAddr = ":80"
	case c.RedirectAddr == auto || c.RedirectAddr == off || !c.TLS():
		c.RedirectAddr = ""
	}
}

func isAddr(s string) bool {
	_, port, err := net.SplitHostPort(s)
	return err == nil && port != ""
}

// inDNS reports whether host can be a public name, for which a certificate
// authority issues certificates.
func inDNS(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(host, ".")
}

// hostKey writes host as it is compared.
func hostKey(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(host), "."))
}
