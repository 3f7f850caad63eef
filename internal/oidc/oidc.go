// Package oidc asks a provider of OpenID Connect who somebody is. It alone
// speaks with it, and it knows nothing of accounts.
package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

// logInLifetime is how long somebody may be at the provider.
const logInLifetime = 10 * time.Minute

// Settings name the provider, and this site to it.
type Settings struct {
	Issuer       string // empty: nobody logs in this way
	ClientID     string
	ClientSecret models.Secret // empty: PKCE alone shows that it is us
	Redirect     string        // where people come back
	Name         string        // of the provider, on the button
	GroupsClaim  string
	Roles        map[string]models.Role // of groups; empty: the provider has no say in it
}

// A Service sends people to the provider. All fields must be set.
type Service struct {
	DB       *database.DB
	Key      seal.Key // of what is kept while somebody is at the provider
	Settings Settings
	Log      *slog.Logger
	Now      func() time.Time

	mu       sync.Mutex
	provider *oidc.Provider // nil: not asked yet
}

// An Errand is what somebody goes to the provider for.
type Errand struct {
	Next    string            // where they go afterwards
	User    models.UserID     // who asked to be linked; empty: somebody wants to log in
	Session models.SecretHash // at which they asked
}

// kept is what the answer of the provider is judged by.
type kept struct {
	Nonce, Verifier string
	Errand
}

// On reports whether there is a provider.
func (s *Service) On() bool { return s.Settings.Issuer != "" }

// Begin returns where at the provider somebody logs in, and the state, which
// their browser must hold when they come back. It is NotFound if there is no
// provider, and Unavailable if it is away.
func (s *Service) Begin(ctx context.Context, errand Errand) (to string, state models.Secret, err error) {
	provider, _, err := s.discovered(ctx)
	if err != nil {
		return "", "", err
	}
	state = models.NewSecret()
	k := kept{Nonce: models.NewSecret().Reveal(), Verifier: oauth2.GenerateVerifier(), Errand: errand}
	plain, err := json.Marshal(k)
	if err != nil {
		return "", "", fmt.Errorf("keeping a log-in: %w", err)
	}
	sealed := s.Key.Seal(string(state.Hash()), plain)
	if err := s.DB.CreateOIDCLogIn(ctx, state.Hash(), sealed, s.now().Add(logInLifetime)); err != nil {
		return "", "", err
	}
	to = s.config(provider).AuthCodeURL(state.Reveal(), oidc.Nonce(k.Nonce), oauth2.S256ChallengeOption(k.Verifier))
	return to, state, checkAddress(to)
}

// Finish takes the code that somebody came back with, once for each state, and
// returns who they are and what they went for. What does not fit is Invalid.
func (s *Service) Finish(ctx context.Context, state models.Secret, code string) (who models.Identity, errand Errand, err error) {
	provider, client, err := s.discovered(ctx)
	if err != nil {
		return who, errand, err
	}
	k, err := s.spend(ctx, state)
	if err != nil {
		return who, errand, err
	}
	ctx = oidc.ClientContext(ctx, client)
	token, err := s.config(provider).Exchange(ctx, code, oauth2.VerifierOption(k.Verifier))
	if err != nil {
		return who, errand, s.refuse(ctx, "the code was not taken", err)
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.Settings.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil {
		return who, errand, s.refuse(ctx, "the ID token is not good", err)
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(k.Nonce)) != 1 || proof.Subject == "" {
		return who, errand, s.refuse(ctx, "the ID token is of another log-in", nil)
	}
	claims, err := s.told(ctx, provider, token, proof)
	if err != nil {
		return who, errand, err
	}
	return s.identity(proof, claims), k.Errand, nil
}

// Forget spends the state of somebody whom the provider refused.
func (s *Service) Forget(ctx context.Context, state models.Secret) error {
	_, err := s.spend(ctx, state)
	return err
}

func (s *Service) spend(ctx context.Context, state models.Secret) (k kept, err error) {
	sealed, err := s.DB.SpendOIDCLogIn(ctx, state.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		return k, errAgain()
	}
	if err != nil {
		return k, err
	}
	plain, err := s.Key.Open(string(state.Hash()), sealed)
	if errors.Is(err, seal.ErrWrongKey) {
		return k, errAgain()
	}
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(plain, &k); err != nil {
		return k, fmt.Errorf("reading a log-in: %w", err)
	}
	return k, nil
}

// refuse logs why, and tells the visitor no more than that it did not work.
func (s *Service) refuse(ctx context.Context, why string, err error) error {
	s.Log.LogAttrs(ctx, slog.LevelWarn, "OpenID Connect", slog.String("why", why), slog.Any("err", brief(err)))
	return errAgain()
}

func errAgain() error {
	return problem.New(problem.Invalid, "This sign-in failed or took too long. Start again on the sign-in page.")
}

// identity reads what the claims say of whom the token proves. A claim of another
// kind than the standard has it is as good as none.
func (s *Service) identity(proof *oidc.IDToken, claims claims) models.Identity {
	who := models.Identity{Issuer: proof.Issuer, Subject: proof.Subject}
	_ = json.Unmarshal(claims["email"], &who.Email)
	_ = json.Unmarshal(claims["email_verified"], &who.Verified)
	_ = json.Unmarshal(claims["preferred_username"], &who.Username)
	if len(s.Settings.Roles) > 0 {
		var groups []string
		_ = json.Unmarshal(claims[s.Settings.GroupsClaim], &groups)
		who.Role = s.roleOf(groups)
	}
	return who
}

// roleOf returns the strongest role of the groups; none makes a user.
func (s *Service) roleOf(groups []string) models.Role {
	strongest := models.RoleUser
	for group, role := range s.Settings.Roles {
		if slices.Contains(groups, group) && role.AtLeast(strongest) {
			strongest = role
		}
	}
	return strongest
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
