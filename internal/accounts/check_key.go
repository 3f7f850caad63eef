package accounts

import (
	"context"
	"errors"

	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

// CheckKey fails if there are secrets in the database that were sealed with
// another site key.
func (s *Service) CheckKey(ctx context.Context) error {
	f, err := s.DB.AnyTOTP(ctx)
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.Key.Open(factorName(f.UserID), f.Sealed); errors.Is(err, seal.ErrWrongKey) {
		return errors.New("the second factors in the database were sealed with another site key: set SITE_KEY or SITE_KEY_FILE " +
			"to the previous value, as on the other servers; if that key is lost, `server user remove-factor` removes them")
	}
	return nil
}
