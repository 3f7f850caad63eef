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
		role, _ := models.ParseRole(name) // it was checked when it was loaded
		roles[group] = role
	}
	return roles
}

// isIssuer reports whether s can be the issuer of an OpenID Connect provider.
func isIssuer(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, "; ,'*") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// isGroupRole reports whether entry gives a group a role.
func isGroupRole(entry string) bool {
	group, name, _ := strings.Cut(strings.TrimSpace(entry), "=")
	_, err := models.ParseRole(name)
	return group != "" && err == nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
