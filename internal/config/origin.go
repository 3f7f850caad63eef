package config

import (
	"errors"
	"net/url"
	"strings"
)

// An Origin is a web origin (RFC 6454) that may read the API's answers: one,
// all subdomains of a host, as in https://*.example.com, or * for any.
type Origin struct {
	scheme string // empty: any origin at all
	host   string // with its port, in lower case
	below  bool   // the hosts below host, and not host itself
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Origin) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "*" {
		*o = Origin{}
		return nil
	}
	scheme, host, ok := strings.Cut(s, "://")
	name, below := strings.CutPrefix(host, "*.")
	u, err := url.Parse(scheme + "://" + name)
	switch {
	case !ok || err != nil, scheme != "http" && scheme != "https", u.Host != name || u.Hostname() == "",
		name != strings.ToLower(name), strings.ContainsAny(name, "*@/?#\\ "), below && !strings.Contains(name, "."):
		return errors.New("not an origin")
	}
	*o = Origin{scheme, name, below}
	return nil
}

// IsAny reports whether o stands for every origin.
func (o Origin) IsAny() bool { return o.scheme == "" }

// Matches reports whether origin, as a browser sends it, is o. The origin
// "null", which any sandboxed page has, never is.
func (o Origin) Matches(origin string) bool {
	scheme, host, ok := strings.Cut(origin, "://")
	switch {
	case !ok:
		return false
	case o.IsAny():
		return true
	case scheme != o.scheme:
		return false
	case !o.below:
		return host == o.host
	}
	labels, found := strings.CutSuffix(host, "."+o.host)
	return found && !strings.Contains("."+labels+".", "..") && strings.Trim(labels, "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}

// AllowsOrigin reports whether origin may read the API's answers.
func (c Config) AllowsOrigin(origin string) bool {
	for _, o := range c.CORSOrigins {
		if o.Matches(origin) {
			return true
		}
	}
	return false
}
