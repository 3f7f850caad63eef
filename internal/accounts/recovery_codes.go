package accounts

import (
	"context"
	"crypto/rand"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	recoveryCodes = 10
	// 16 letters of base32 are 80 bits: nobody guesses them, so a plain hash
	// keeps them (OWASP ASVS 5.0, 6.6.2).
	recoveryLetters = 16
	recoveryGroup   = 4 // letters between dashes
)

// newRecoveryCodes returns fresh codes as they are shown, and as they are kept.
func newRecoveryCodes() (shown []string, kept []models.SecretHash) {
	for range recoveryCodes {
		letters := rand.Text()[:recoveryLetters]
		text := ""
		for i := 0; i < recoveryLetters; i += recoveryGroup {
			if i > 0 {
				text += "-"
			}
			text += letters[i : i+recoveryGroup]
		}
		shown = append(shown, text)
		kept = append(kept, models.Secret(letters).Hash())
	}
	return shown, kept
}

// NewRecoveryCodes gives who new recovery codes, which are returned this once,
// in the place of all they had.
func (s *Service) NewRecoveryCodes(ctx context.Context, who models.Actor) ([]string, error) {
	id := who.User.ID
	if !who.User.HasFactor {
		return nil, problem.New(problem.Conflict, "Set up two-factor authentication first to get recovery codes.")
	}
	shown, kept := newRecoveryCodes()
	return shown, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.ReplaceRecoveryCodes(ctx, id, kept); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionNewCodes, models.UserObject(id), ""))
	})
}
