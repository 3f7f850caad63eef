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

// challengeLifetime is how long somebody may look for their authenticator.
const challengeLifetime = 5 * time.Minute

// An answer to a challenge counts for one act, and for the session or pending
// log-in that it was asked of: one for less does not do for more.
const (
	askedToRegister = "register "
	askedToConfirm  = "confirm "
	askedToFinish   = "finish log-in "
	askedToLogIn    = "log in"
)

// keepChallenge notes what was asked, and returns options as a browser takes
// them.
func (s *Service) keepChallenge(ctx context.Context, askedFor string, options any, session *webauthn.SessionData) ([]byte, error) {
	state, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("keeping a challenge: %w", err)
	}
	text, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("writing a challenge: %w", err)
	}
	return text, s.DB.CreatePasskeyChallenge(ctx, &models.PasskeyChallenge{
		Hash: models.Secret(session.Challenge).Hash(), AskedFor: askedFor, State: state, ExpiresAt: s.now().Add(challengeLifetime),
	})
}

// spendChallenge returns how the answer to a challenge is judged, once.
func (s *Service) spendChallenge(ctx context.Context, challenge, askedFor string) (session webauthn.SessionData, err error) {
	state, err := s.DB.SpendPasskeyChallenge(ctx, models.Secret(challenge).Hash(), askedFor, s.now())
	if problem.KindOf(err) == problem.NotFound {
		return session, errBadPasskey()
	}
	if err != nil {
		return session, err
	}
	if err := json.Unmarshal(state, &session); err != nil {
		return session, fmt.Errorf("reading a challenge: %w", err)
	}
	return session, nil
}

// errBadPasskey says no more, whatever was wrong with the answer.
func errBadPasskey() error {
	return problem.New(problem.Invalid, "This passkey did not work. It may belong to another account, or it took too long. Try again.")
}
