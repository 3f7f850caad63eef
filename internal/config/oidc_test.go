package config_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
)

func TestOIDC_RefusesWhatIsNotSafe(t *testing.T) {
	for setting, values := range map[string][]string{
		"OIDC_ISSUER": {"http://sso.example.org", "sso.example.org", "https://", "https://user@sso.example.org",
			"https://sso.example.org/?a=b", "https://sso.example.org/#a", "ftp://127.0.0.1", "https://a;b.example.org"},
		"OIDC_ROLES": {"staff", "=admin", "staff=boss", "staff=moderator,ops"},
	} {
		for _, wrong := range values {
			if _, err := config.Load([]string{setting + "=" + wrong, "OIDC_CLIENT_ID=cloakroom"}); err == nil ||
				!strings.Contains(err.Error(), setting+" must be ") {
				t.Errorf("%s=%q: err = %v", setting, wrong, err)
			}
		}
	}
	if _, err := config.Load([]string{"OIDC_ISSUER=https://sso.example.org"}); err == nil ||
		!strings.Contains(err.Error(), "OIDC_CLIENT_ID must be ") {
		t.Errorf("without a client: err = %v", err)
	}
}

func TestOIDC_TakesProvidersAndRoles(t *testing.T) {
	for _, issuer := range []string{"https://sso.example.org", "https://sso.example.org/realms/ours", "http://127.0.0.1:5556/dex",
		"http://localhost:5556", "http://[::1]:5556"} {
		cfg, err := config.Load([]string{"OIDC_ISSUER=" + issuer, "OIDC_CLIENT_ID=cloakroom", "OIDC_ROLES=staff=moderator, ops=admin"})
		if err != nil {
			t.Errorf("%s: %v", issuer, err)
			continue
		}
		if roles := cfg.OIDCRoleMap(); len(roles) != 2 || roles["staff"] != models.RoleModerator || roles["ops"] != models.RoleAdmin {
			t.Errorf("the roles are %v", roles)
		}
	}
}
