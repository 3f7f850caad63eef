package oidc

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// claims are what a provider says of somebody, by name.
type claims map[string]json.RawMessage

// told returns the claims in the ID token and, where it says nothing of a mail
// address, those that the provider tells beside it: many put no more into the
// token than who it is (OpenID Connect Core 1.0, 5.4). What is told of somebody
// else is not believed (5.3.2).
func (s *Service) told(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, proof *oidc.IDToken) (told claims, err error) {
	if err := proof.Claims(&told); err != nil {
		return nil, fmt.Errorf("reading an ID token: %w", err)
	}
	if _, there := told["email"]; there || provider.UserInfoEndpoint() == "" {
		return told, nil
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, s.refuse(ctx, "the provider does not say who it is", err)
	}
	if info.Subject != proof.Subject {
		return nil, s.refuse(ctx, "the provider tells of somebody else", nil)
	}
	var beside claims
	if err := info.Claims(&beside); err != nil {
		return nil, s.refuse(ctx, "what the provider tells cannot be read", err)
	}
	delete(told, "email_verified") // it was of no address
	for name, value := range beside {
		if _, there := told[name]; !there {
			told[name] = value
		}
	}
	return told, nil
}
