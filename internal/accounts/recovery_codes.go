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
	// 24 letters of base32 are 120 bits, which cannot be guessed, so a plain hash is
	// enough (OWASP ASVS 5.0, 6.5.2: at least 112 bits).
	recoveryLetters = 24
	recoveryGroup   = 4 // letters between dashes
)

// newRecoveryCodes returns new codes to show to the user, and their hashes.
func newRecoveryCodes() (shown []string, hashes []models.SecretHash) {
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
		hashes = append(hashes, models.Secret(letters).Hash())
	}
	return shown, hashes
}

// NewRecoveryCodes replaces the user's recovery codes and returns the new ones.
func (s *Service) NewRecoveryCodes(ctx context.Context, who models.Actor) ([]string, error) {
	id := who.User.ID
	if !who.User.HasFactor {
		return nil, problem.New(problem.Conflict, "Set up two-factor authentication first to get recovery codes.")
	}
	shown, hashes := newRecoveryCodes()
	return shown, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.ReplaceRecoveryCodes(ctx, id, hashes); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionNewCodes, models.UserObject(id), ""))
	})
}
