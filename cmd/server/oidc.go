package main

import (
	"log/slog"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/seal"
)

// openOIDC returns the way to the provider of OpenID Connect, if one is set. It
// is asked when it is needed first.
func (a *app) openOIDC(cfg config.Config, log *slog.Logger) (*oidc.Service, error) {
	site, err := siteKey(cfg)
	if err != nil {
		return nil, err
	}
	key, err := seal.NewKey(site, "openid connect")
	if err != nil {
		return nil, err
	}
	return &oidc.Service{DB: a.db, Key: key, Log: log, Now: time.Now, Settings: oidc.Settings{
		Issuer: cfg.OIDCIssuer, ClientID: cfg.OIDCClientID, ClientSecret: cfg.OIDCClientSecret, Redirect: cfg.PublicURL.String() + handlers.OIDCReturn,
		Name: cfg.OIDCName, GroupsClaim: cfg.OIDCGroupsClaim, Roles: cfg.OIDCRoleMap(),
	}}, nil
}
