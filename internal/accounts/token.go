package accounts

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// tokenPrefix starts every API token, so that people and secret scanners recognise
// it.
const tokenPrefix = "cloakroom_"

// maxTokens is the maximum number of API tokens of one user.
const maxTokens = 50

const day = 24 * time.Hour

// Values of TokenInput.Expires besides a number of days. ExpiresNever is only valid
// if the policy has no maximum.
const (
	ExpiresOnDate = "date"
	ExpiresNever  = "never"
)

// A TokenInput is a new API token as the user typed it.
type TokenInput struct {
	Name    string
	Scopes  []string
	Expires string // a number of days, ExpiresOnDate or ExpiresNever; empty: the first choice
	Until   string // with ExpiresOnDate: the day it expires, as 2006-01-02 in UTC
}

// TokenChoices returns the choices for TokenInput.Expires, the default first.
func (s *Service) TokenChoices() (choices []string) {
	longest := s.policy().TokenLifetime
	for _, days := range []int{30, 7, 90, 365} {
		if longest == 0 || time.Duration(days)*day <= longest {
			choices = append(choices, strconv.Itoa(days))
		}
	}
	choices = append(choices, ExpiresOnDate)
	if longest == 0 {
		choices = append(choices, ExpiresNever)
	}
	return choices
}

// NewToken creates an API token for the user and returns it with its secret, which
// is not stored. A token never has more rights than its user.
func (s *Service) NewToken(ctx context.Context, who models.Actor, in TokenInput) (models.APIToken, models.Secret, error) {
	name, badName := models.ParseTokenName(in.Name)
	scopes, badScopes := models.ParseScopes(in.Scopes, who.User)
	expires, badExpiry := s.expiry(in)
	if err := errors.Join(badName, badScopes, badExpiry); err != nil {
		return models.APIToken{}, "", err
	}
	secret := tokenPrefix + models.NewSecret()
	token := models.APIToken{
		ID: models.NewTokenID(), UserID: who.User.ID, Name: name, Hash: secret.Hash(),
		Scopes: scopes, CreatedAt: s.now(), ExpiresAt: expires,
	}
	err := s.DB.Tx(ctx, func(tx *database.DB) error {
		made, err := tx.CreateAPIToken(ctx, &token, maxTokens)
		if err == nil && !made {
			err = problem.OnField("name", "You have %d tokens, the maximum. Delete one you no longer use.", maxTokens)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionCreateToken, models.TokenObject(token.ID), scopes.String()))
	})
	if err != nil {
		return models.APIToken{}, "", err
	}
	return token, secret, nil
}

// expiry returns when a new token expires; nil: never.
func (s *Service) expiry(in TokenInput) (*time.Time, error) {
	now, longest := s.now(), s.policy().TokenLifetime
	wanted := in.Expires
	if wanted == "" {
		wanted = s.TokenChoices()[0]
	}
	var ends time.Time
	switch wanted {
	case ExpiresNever:
		if longest == 0 {
			return nil, nil //nolint:nilnil // no expiry and no error
		}
		return nil, problem.OnField("expires", "Choose an expiry. Tokens on this site must expire.")
	case ExpiresOnDate:
		parsed, err := time.Parse(time.DateOnly, strings.TrimSpace(in.Until))
		if err != nil || parsed.Year() > 9000 {
			return nil, problem.OnField("until", "Enter the date as YYYY-MM-DD, such as 2030-12-31.")
		}
		ends = parsed
		if !ends.After(now) {
			return nil, problem.OnField("until", "Choose a date in the future.")
		}
		if longest != 0 && ends.After(now.Add(longest)) {
			return nil, problem.OnField("until", "Choose a date up to %s.", now.Add(longest).Format(time.DateOnly))
		}
	default:
		days, err := strconv.Atoi(wanted)
		if err != nil || days < 1 || days > 36500 || longest != 0 && time.Duration(days)*day > longest {
			return nil, problem.OnField("expires", "Choose a shorter time. Tokens on this site can't be valid that long.")
		}
		ends = now.Add(time.Duration(days) * day)
	}
	return &ends, nil
}

// Tokens returns the user's API tokens, newest first.
func (s *Service) Tokens(ctx context.Context, who models.User) ([]models.APIToken, error) {
	return s.DB.APITokensOf(ctx, who.ID)
}

// DeleteToken deletes one of the user's API tokens, or fails with NotFound.
func (s *Service) DeleteToken(ctx context.Context, who models.Actor, id models.TokenID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteAPIToken(ctx, who.User.ID, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionDeleteToken, models.TokenObject(id), ""))
	})
}

// ByToken returns the API token with this secret, and its user. It fails with
// Unauthenticated if the token is unknown or expired.
func (s *Service) ByToken(ctx context.Context, secret models.Secret) (models.APIToken, models.User, error) {
	unknown := problem.New(problem.Unauthenticated, "This API token is unknown or was deleted.")
	if !strings.HasPrefix(secret.Reveal(), tokenPrefix) {
		return models.APIToken{}, models.User{}, unknown
	}
	token, user, err := s.DB.UserByAPIToken(ctx, secret.Hash())
	now := s.now()
	if problem.KindOf(err) == problem.NotFound {
		err = unknown
	} else if err == nil && token.Expired(now) {
		err = problem.New(problem.Unauthenticated, "This API token has expired. Create a new one in your settings.")
	}
	if err != nil {
		return models.APIToken{}, models.User{}, err
	}
	if token.LastUsedAt == nil || token.LastUsedAt.Before(now.Add(-touchEvery)) {
		err = s.DB.TouchAPIToken(ctx, token.ID, now, now.Add(-touchEvery))
	}
	return token, user, err
}
