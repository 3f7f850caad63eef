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

// tokenPrefix begins every API token, so that people and secret scanners know
// one when they see it.
const tokenPrefix = "cloakroom_"

// maxTokens is how many API tokens one user may have.
const maxTokens = 50

const day = 24 * time.Hour

// How long an API token may be good, besides some number of days: until a day
// that is named, or for ever where the policy lets it.
const (
	ExpiresOnDate = "date"
	ExpiresNever  = "never"
)

// A TokenRequest is what somebody typed to make an API token.
type TokenRequest struct {
	Name    string
	Scopes  []string
	Expires string // a number of days, ExpiresOnDate or ExpiresNever; empty: the first choice
	Until   string // the day it ends, as 2006-01-02 in UTC, with ExpiresOnDate
}

// TokenChoices lists what Expires may be, the one to propose first.
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

// NewToken mints an API token for who. Its text is returned this once. It may
// do what its scopes say, as far as its user may at that time.
func (s *Service) NewToken(ctx context.Context, who models.Actor, in TokenRequest) (models.APIToken, models.Secret, error) {
	name, badName := models.ParseTokenName(in.Name)
	scopes, badScopes := models.ParseScopes(in.Scopes, who.User)
	expires, badExpiry := s.expiry(in)
	if err := errors.Join(badName, badScopes, badExpiry); err != nil {
		return models.APIToken{}, "", err
	}
	secret := tokenPrefix + models.NewSecret()
	token := models.APIToken{
		ID: models.NewTokenID(), UserID: who.User.ID, Name: name, Hash: secret.Hash(), Scopes: scopes, CreatedAt: s.now(), ExpiresAt: expires,
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

// expiry returns when a token ends that is made now; nil: never.
func (s *Service) expiry(in TokenRequest) (*time.Time, error) {
	now, longest := s.now(), s.policy().TokenLifetime
	wanted := in.Expires
	if wanted == "" {
		wanted = s.TokenChoices()[0]
	}
	var ends time.Time
	switch wanted {
	case ExpiresNever:
		if longest == 0 {
			return nil, nil //nolint:nilnil // no end, and nothing wrong with it
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

// Tokens lists who's API tokens, newest first.
func (s *Service) Tokens(ctx context.Context, who models.User) ([]models.APIToken, error) {
	return s.DB.APITokensOf(ctx, who.ID)
}

// DeleteToken ends one of who's API tokens at once.
func (s *Service) DeleteToken(ctx context.Context, who models.Actor, id models.TokenID) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.DeleteAPIToken(ctx, who.User.ID, id); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionDeleteToken, models.TokenObject(id), ""))
	})
}

// ByToken returns the API token that secret is, and its user, or an
// Unauthenticated problem.
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
