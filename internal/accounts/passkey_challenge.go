package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// challengeLifetime is the time a user has to respond to a challenge.
const challengeLifetime = 5 * time.Minute

// The purpose of a challenge. All but the last are followed by the hash of a
// session or pending log-in. A response is only valid for the same purpose.
const (
	forRegistration = "register "
	forConfirmation = "confirm "
	forSecondFactor = "finish log-in "
	forLogIn        = "log in"
)

// storeChallenge stores a challenge for a purpose, and returns options in the JSON
// form that browsers take.
func (s *Service) storeChallenge(ctx context.Context, purpose string, options any, session *webauthn.SessionData) ([]byte, error) {
	state, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("storing a challenge: %w", err)
	}
	text, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("writing a challenge: %w", err)
	}
	return text, s.DB.CreatePasskeyChallenge(ctx, &models.PasskeyChallenge{
		Hash: models.Secret(session.Challenge).Hash(), AskedFor: purpose, State: state, ExpiresAt: s.now().Add(challengeLifetime),
	})
}

// redeemChallenge returns what the response to a challenge is checked against, once.
func (s *Service) redeemChallenge(ctx context.Context, challenge, purpose string) (session webauthn.SessionData, err error) {
	state, err := s.DB.SpendPasskeyChallenge(ctx, models.Secret(challenge).Hash(), purpose, s.now())
	if problem.KindOf(err) == problem.NotFound {
		return session, errPasskeyFailed()
	}
	if err != nil {
		return session, err
	}
	if err := json.Unmarshal(state, &session); err != nil {
		return session, fmt.Errorf("reading a challenge: %w", err)
	}
	return session, nil
}

// errPasskeyFailed does not say why a response was rejected.
func errPasskeyFailed() error {
	return problem.New(problem.Invalid, "This passkey did not work. It may belong to another account, or it took too long. Try again.")
}
