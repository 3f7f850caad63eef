// Package oidc identifies visitors through an OpenID Connect provider. It alone
// talks to the provider, and it knows nothing about accounts.
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

// logInLifetime is the time a visitor has to sign in at the provider.
const logInLifetime = 10 * time.Minute

// A Provider describes the provider and this site's registration there.
type Provider struct {
	Issuer       string // empty: there is no provider
	ClientID     string
	ClientSecret models.Secret // empty: a public client, protected by PKCE alone
	Redirect     string        // URL to which the provider sends visitors back
	Name         string        // of the provider, as shown on the button
	GroupsClaim  string
	Roles        map[string]models.Role // by group; empty: the provider does not set roles
}

// A Service runs log-ins at the provider. All exported fields must be set.
type Service struct {
	DB       *database.DB
	Key      seal.Key // seals pending log-ins
	Provider Provider
	Log      *slog.Logger
	Now      func() time.Time

	mu         sync.Mutex
	discovered *oidc.Provider // nil: not discovered yet
}

// A LoginRequest says what a visitor goes to the provider for.
type LoginRequest struct {
	Next    string            // path to go to afterwards
	User    models.UserID     // user who wants to link an identity or to confirm; empty: a log-in
	Session models.SecretHash // session of that user
	Confirm bool              // the provider must ask the user again who they are
}

// A pendingLogIn is what the answer of the provider is checked against.
type pendingLogIn struct {
	Nonce, Verifier string
	Begun           time.Time
	LoginRequest
}

// On reports whether a provider is configured.
func (s *Service) On() bool { return s.Provider.Issuer != "" }

// Begin starts a log-in. It returns the URL at the provider, and the state that
// the visitor's browser must present when it returns. It fails with NotFound if
// no provider is configured, and with Unavailable if it cannot be reached.
func (s *Service) Begin(ctx context.Context, request LoginRequest) (to string, state models.Secret, err error) {
	provider, _, err := s.discover(ctx)
	if err != nil {
		return "", "", err
	}
	state = models.NewSecret()
	k := pendingLogIn{Nonce: models.NewSecret().Reveal(), Verifier: oauth2.GenerateVerifier(), Begun: s.now(), LoginRequest: request}
	plain, err := json.Marshal(k)
	if err != nil {
		return "", "", fmt.Errorf("storing a pending log-in: %w", err)
	}
	sealed := s.Key.Seal(string(state.Hash()), plain)
	if err := s.DB.CreateOIDCLogIn(ctx, state.Hash(), sealed, s.now().Add(logInLifetime)); err != nil {
		return "", "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(k.Nonce), oauth2.S256ChallengeOption(k.Verifier)}
	if request.Confirm {
		options = append(options, askAgain()...)
	}
	to = s.config(provider).AuthCodeURL(state.Reveal(), options...)
	return to, state, checkAddress(to)
}

// Finish redeems the code with which a visitor returned, and returns who they are
// and the request they started with, also if it fails, when the state is valid. Each
// state works once. It fails with Invalid if the state, the code or the ID token is not
// valid, or if the provider did not ask again although it had to.
func (s *Service) Finish(ctx context.Context, state models.Secret, code string) (who models.Identity, request LoginRequest, err error) {
	provider, client, err := s.discover(ctx)
	if err != nil {
		return who, request, err
	}
	k, err := s.spend(ctx, state)
	if err != nil {
		return who, request, err
	}
	request = k.LoginRequest
	ctx = oidc.ClientContext(ctx, client)
	token, err := s.config(provider).Exchange(ctx, code, oauth2.VerifierOption(k.Verifier))
	if err != nil {
		return who, request, s.refuse(ctx, "the provider rejected the code", err)
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: s.Provider.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil {
		return who, request, s.refuse(ctx, "the ID token is invalid", err)
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(k.Nonce)) != 1 || proof.Subject == "" {
		return who, request, s.refuse(ctx, "the ID token belongs to another log-in", nil)
	}
	at := s.authTime(proof)
	if request.Confirm && at.Before(k.Begun.Add(-clockSkew)) {
		return who, request, s.refuse(ctx, "the provider did not ask again who the user is, or did not say when it did (auth_time)", nil)
	}
	claims, err := s.claims(ctx, provider, token, proof)
	if err != nil {
		return who, request, err
	}
	who = s.identity(proof, claims)
	who.AuthenticatedAt = at
	return who, request, nil
}

// Forget invalidates the state of a log-in that the provider refused, and returns the
// request that it started with.
func (s *Service) Forget(ctx context.Context, state models.Secret) (LoginRequest, error) {
	k, err := s.spend(ctx, state)
	return k.LoginRequest, err
}

// spend returns the pending log-in with the given state and invalidates it.
func (s *Service) spend(ctx context.Context, state models.Secret) (k pendingLogIn, err error) {
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
		return k, fmt.Errorf("reading a pending log-in: %w", err)
	}
	return k, nil
}

// refuse logs why a log-in failed, and returns a problem that does not say why.
func (s *Service) refuse(ctx context.Context, why string, err error) error {
	s.Log.LogAttrs(ctx, slog.LevelWarn, "OpenID Connect", slog.String("why", why), slog.Any("err", withoutBody(err)))
	return errAgain()
}

func errAgain() error {
	return problem.New(problem.Invalid, "This sign-in failed or took too long. Start again on the sign-in page.")
}

// identity returns the identity that the ID token and the claims describe. It
// ignores claims of the wrong type.
func (s *Service) identity(proof *oidc.IDToken, claims claims) models.Identity {
	who := models.Identity{Issuer: proof.Issuer, Subject: proof.Subject}
	_ = json.Unmarshal(claims["email"], &who.Email)
	_ = json.Unmarshal(claims["email_verified"], &who.Verified)
	_ = json.Unmarshal(claims["preferred_username"], &who.Username)
	if len(s.Provider.Roles) > 0 {
		var groups []string
		_ = json.Unmarshal(claims[s.Provider.GroupsClaim], &groups)
		who.Role = s.roleOf(groups)
	}
	return who
}

// roleOf returns the strongest role of the groups, or user if none has a role.
func (s *Service) roleOf(groups []string) models.Role {
	strongest := models.RoleUser
	for group, role := range s.Provider.Roles {
		if slices.Contains(groups, group) && role.AtLeast(strongest) {
			strongest = role
		}
	}
	return strongest
}

// now returns the current time in the precision of the database.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
