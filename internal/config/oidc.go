package config

import (
	"net/netip"
	"net/url"
	"strings"

	"example.org/cloakroom/internal/models"
)

// OIDCRoleMap returns the roles of the groups at the provider.
func (c Config) OIDCRoleMap() map[string]models.Role {
	roles := map[string]models.Role{}
	for _, entry := range c.OIDCRoles {
		group, name, _ := strings.Cut(strings.TrimSpace(entry), "=")
		role, _ := models.ParseRole(name) // it was judged when it was loaded
		roles[group] = role
	}
	return roles
}

// wrongOIDC lists the settings of OpenID Connect that do not fit.
func (c Config) wrongOIDC() (wrong []string) {
	if c.OIDCIssuer != "" {
		u, err := url.Parse(c.OIDCIssuer)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, "; ,'*") ||
			u.Scheme != "https" && (u.Scheme != "http" || !ofThisMachine(u.Hostname())) {
			wrong = append(wrong, "OIDCIssuer")
		}
		if c.OIDCClientID == "" {
			wrong = append(wrong, "OIDCClientID")
		}
	}
	for _, entry := range c.OIDCRoles {
		if group, role, _ := strings.Cut(strings.TrimSpace(entry), "="); group == "" || isNoRole(role) {
			wrong = append(wrong, "OIDCRoles")
		}
	}
	return wrong
}

func ofThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
