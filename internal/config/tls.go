package config

import (
	"cmp"
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"example.org/cloakroom/internal/models"
)

// The values of TLS_MODE.
const (
	tlsOff        = "off"
	tlsAutocert   = "autocert"
	tlsFiles      = "files"
	tlsSelfSigned = "self-signed"
)

// The values of addresses that are none.
const (
	auto = "auto"
	off  = "off"
)

// minSiteKey is how long SITE_KEY must be, in bytes.
const minSiteKey = 32

// TLS reports whether this program speaks TLS itself.
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

// wrongTLS names the fields that are wrong of where and how the site listens.
func (c Config) wrongTLS() (wrong []string) {
	if !isAddr(c.Addr) && c.Addr != auto {
		wrong = append(wrong, "Addr")
	}
	if !isAddr(c.RedirectAddr) && c.RedirectAddr != auto && c.RedirectAddr != off {
		wrong = append(wrong, "RedirectAddr")
	}
	if !slices.Contains([]string{tlsOff, tlsAutocert, tlsFiles, tlsSelfSigned}, c.TLSMode) ||
		c.TLS() && !c.Secure() || c.TLSMode == tlsAutocert && slices.ContainsFunc(c.Hosts(), notInDNS) {
		wrong = append(wrong, "TLSMode")
	}
	if c.TLSMode == tlsFiles && len(c.TLSCertFiles) == 0 {
		wrong = append(wrong, "TLSCertFiles")
	}
	if len(c.TLSKeyFiles) != len(c.TLSCertFiles) {
		wrong = append(wrong, "TLSKeyFiles")
	}
	if directory, err := url.Parse(c.ACMEDirectory); err != nil || directory.Scheme != "https" || directory.Host == "" || directory.User != nil {
		wrong = append(wrong, "ACMEDirectory")
	}
	if c.ACMEEmail != "" {
		if _, err := models.ParseEmail(c.ACMEEmail); err != nil {
			wrong = append(wrong, "ACMEEmail")
		}
	}
	if (c.ACMEKeyID == "") != (c.ACMEHMACKey == "") {
		wrong = append(wrong, "ACMEKeyID")
	}
	if _, err := c.EABKey(); err != nil {
		wrong = append(wrong, "ACMEHMACKey")
	}
	if c.SiteKey != "" && len(c.SiteKey) < minSiteKey {
		wrong = append(wrong, "SiteKey")
	}
	return wrong
}

// EABKey is the key of the external account (RFC 8555, 7.3.4), if there is one.
func (c Config) EABKey() ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(c.ACMEHMACKey.Reveal(), "="))
}

// resolve puts in the place of auto and off what they stand for.
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

// notInDNS reports whether no certificate authority would know the host.
func notInDNS(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".")
}
