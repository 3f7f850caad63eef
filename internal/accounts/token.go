package accounts

import (
	"context"
	"strings"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// tokenPrefix begins every API token, so that people and secret scanners know
// one when they see it.
const tokenPrefix = "cloakroom_"

// maxTokens is how many API tokens one user may have.
const maxTokens = 50

// NewToken mints an API token for who. Its text is returned this once.
func (s *Service) NewToken(ctx context.Context, who models.User, name string) (models.APIToken, models.Secret, error) {
	name, err := models.ParseTokenName(name)
	if err != nil {
		return models.APIToken{}, "", err
	}
	secret := tokenPrefix + models.NewSecret()
	token := models.APIToken{ID: models.NewTokenID(), UserID: who.ID, Name: name, Hash: secret.Hash(), CreatedAt: s.now()}
	made, err := s.DB.CreateAPIToken(ctx, &token, maxTokens)
	if err == nil && !made {
		err = problem.OnField("name", "You have %d tokens. Delete one you no longer use.", maxTokens)
	}
	if err != nil {
		return models.APIToken{}, "", err
	}
	return token, secret, nil
}

// Tokens lists who's API tokens, newest first.
func (s *Service) Tokens(ctx context.Context, who models.User) ([]models.APIToken, error) {
	return s.DB.APITokensOf(ctx, who.ID)
}

// DeleteToken ends one of who's API tokens at once.
func (s *Service) DeleteToken(ctx context.Context, who models.User, id models.TokenID) error {
	return s.DB.DeleteAPIToken(ctx, who.ID, id)
}

// ByToken returns the user whose API token secret is, or an Unauthenticated
// problem.
func (s *Service) ByToken(ctx context.Context, secret models.Secret) (models.User, error) {
	unknown := problem.New(problem.Unauthenticated, "This API token is unknown or was deleted.")
	if !strings.HasPrefix(secret.Reveal(), tokenPrefix) {
		return models.User{}, unknown
	}
	token, user, err := s.DB.UserByAPIToken(ctx, secret.Hash())
	if problem.KindOf(err) == problem.NotFound {
		return models.User{}, unknown
	}
	if err != nil {
		return models.User{}, err
	}
	now := s.now()
	if token.LastUsedAt == nil || token.LastUsedAt.Before(now.Add(-touchEvery)) {
		err = s.DB.TouchAPIToken(ctx, token.ID, now, now.Add(-touchEvery))
	}
	return user, err
}
