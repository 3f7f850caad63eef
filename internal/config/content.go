package config

import (
	"slices"
	"strings"
)

// minContentKey is how long CONTENT_KEY must be, in bytes.
const minContentKey = 32

// wrongContent names the fields that are wrong of a second host for what users
// uploaded. It must be another host than the site's, or cookies would go there,
// and an empty key would sign for everyone.
func (c Config) wrongContent() (wrong []string) {
	if c.ContentOrigin.IsZero() {
		return nil
	}
	name := hostKey(c.ContentOrigin.Hostname())
	if name == hostKey(c.PublicURL.Hostname()) || slices.ContainsFunc(c.AllowedHosts, func(host string) bool { return hostKey(host) == name }) ||
		c.Secure() && c.ContentOrigin.Scheme != "https" {
		wrong = append(wrong, "ContentOrigin")
	}
	if len(c.ContentKey) < minContentKey {
		wrong = append(wrong, "ContentKey")
	}
	return wrong
}

func hostKey(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(host), "."))
}
