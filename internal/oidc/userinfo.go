package oidc

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// claims are the raw claims of a provider about a user, by name.
type claims map[string]json.RawMessage

// claims returns the claims of the ID token. If they do not include an email
// address, it adds those of the UserInfo endpoint: many providers put only the
// subject into the token (OpenID Connect Core 1.0, 5.4). The UserInfo response
// must be about the same subject (5.3.2).
func (s *Service) claims(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, proof *oidc.IDToken) (all claims, err error) {
	if err := proof.Claims(&all); err != nil {
		return nil, fmt.Errorf("reading an ID token: %w", err)
	}
	if _, found := all["email"]; found || provider.UserInfoEndpoint() == "" {
		return all, nil
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, s.refuse(ctx, "the UserInfo endpoint failed", err)
	}
	if info.Subject != proof.Subject {
		return nil, s.refuse(ctx, "the UserInfo response is about another subject", nil)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return nil, s.refuse(ctx, "the UserInfo response cannot be read", err)
	}
	delete(all, "email_verified") // the token had no address that it could be about
	for name, value := range more {
		if _, found := all[name]; !found {
			all[name] = value
		}
	}
	return all, nil
}
