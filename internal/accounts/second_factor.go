package accounts

import (
	"bytes"
	"context"
	"crypto/subtle"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What every authenticator can do (RFC 6238): SHA-1, six digits, 30 seconds. A
// clock may be one step off (OWASP ASVS 5.0, 6.6.4).
const (
	stepSeconds = 30
	codeDigits  = 6
	qrSide      = 264 // pixels
)

// Wrong codes are counted for the account, whoever tries them: only who knows
// its password comes so far.
const (
	maxFactorTries = 10
	factorWindow   = time.Hour
)

// SecondFactor returns what who has besides their password.
func (s *Service) SecondFactor(ctx context.Context, who models.User) (models.SecondFactor, error) {
	var has models.SecondFactor
	f, err := s.DB.TOTPOf(ctx, who.ID)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return has, err
	}
	has.Since, has.Begun = f.ConfirmedAt, err == nil && f.ConfirmedAt == nil
	if has.Passkeys, err = s.DB.PasskeysOf(ctx, who.ID); err != nil {
		return has, err
	}
	has.Codes, err = s.DB.CountRecoveryCodes(ctx, who.ID)
	return has, err
}

// OwesFactor reports whether the policy wants a second factor of who and they
// have none: then they may set one up, and do nothing else.
func (s *Service) OwesFactor(who models.User) bool {
	return who.SignedIn() && !who.HasFactor && slices.Contains(s.policy().FactorRoles, who.Role)
}

// BeginFactor makes a new secret for who, which holds once FinishFactor has
// seen a code of it.
func (s *Service) BeginFactor(ctx context.Context, who models.User) error {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.policy().Issuer, AccountName: string(who.Username)})
	if err != nil {
		return fmt.Errorf("making a TOTP secret: %w", err)
	}
	return s.DB.BeginTOTP(ctx, models.TOTPFactor{UserID: who.ID, Sealed: s.Key.Seal(factorName(who.ID), []byte(key.URL())), CreatedAt: s.now()})
}

// factorName is what a secret is sealed under, so that it opens for its user
// alone.
func factorName(id models.UserID) string { return "totp:" + string(id) }

// A FactorKey is what an authenticator is told.
type FactorKey struct {
	Secret string // in base32, to be typed
	QR     []byte // the same as a PNG, to be scanned
}

// BegunFactor returns the key of the factor that who sets up, or NotFound, also
// when it is set up: then nobody is shown it again.
func (s *Service) BegunFactor(ctx context.Context, who models.User) (FactorKey, error) {
	f, key, err := s.factor(ctx, who.ID)
	if err != nil {
		return FactorKey{}, err
	}
	if f.ConfirmedAt != nil {
		return FactorKey{}, problem.New(problem.NotFound, "No setup is in progress. Start again.")
	}
	picture, err := key.Image(qrSide, qrSide)
	if err != nil {
		return FactorKey{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	var text bytes.Buffer
	if err := png.Encode(&text, picture); err != nil {
		return FactorKey{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	return FactorKey{Secret: key.Secret(), QR: text.Bytes()}, nil
}

func (s *Service) factor(ctx context.Context, id models.UserID) (models.TOTPFactor, *otp.Key, error) {
	f, err := s.DB.TOTPOf(ctx, id)
	if err != nil {
		return f, nil, err
	}
	url, err := s.Key.Open(factorName(id), f.Sealed)
	if err != nil {
		return f, nil, fmt.Errorf("opening a TOTP secret: %w", err)
	}
	key, err := otp.NewKeyFromURL(string(url))
	if err != nil {
		return f, nil, fmt.Errorf("reading a TOTP secret: %w", err)
	}
	return f, key, nil
}

// stepOf returns the step of time that code belongs to, or false if it is not
// one of now, or of the step before or after.
func (s *Service) stepOf(key *otp.Key, code string) (int64, bool) {
	now := s.Now().Unix() / stepSeconds
	found, right := int64(0), false
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCode(key.Secret(), time.Unix(step*stepSeconds, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, right = step, true
		}
	}
	return found, right
}

// typedCode returns a code without what people put between its letters.
func typedCode(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s))
}

func errWrongCode() error {
	return problem.OnField("code", "Incorrect or used code. Enter the next one.")
}

// FinishFactor makes the factor that who sets up hold, once they have typed a
// code of it, and returns their recovery codes, this once. All other sessions
// end.
func (s *Service) FinishFactor(ctx context.Context, who models.Actor, code string, keep models.SecretHash) ([]string, error) {
	id := who.User.ID
	f, key, err := s.factor(ctx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && f.ConfirmedAt != nil {
		return nil, problem.New(problem.Conflict, "No setup is in progress. Start again.")
	}
	if err != nil {
		return nil, err
	}
	step, right := s.stepOf(key, typedCode(code))
	if !right {
		return nil, errWrongCode()
	}
	codes, hashes := newRecoveryCodes()
	return codes, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.ConfirmTOTP(ctx, id, step, s.now()); err != nil {
			return err
		}
		if err := tx.ReplaceRecoveryCodes(ctx, id, hashes); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, id, keep); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionAddFactor, models.UserObject(id), "TOTP"))
	})
}

// RemoveTOTP takes who's authenticator app away, and ends all other sessions.
func (s *Service) RemoveTOTP(ctx context.Context, who models.Actor, keep models.SecretHash) error {
	id := who.User.ID
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.dropFactor(ctx, tx, id, keep, (*database.DB).DeleteTOTP); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionRemoveFactor, models.UserObject(id), "TOTP"))
	})
}

// dropFactor takes away what remove removes, and ends all sessions but keep.
func (s *Service) dropFactor(ctx context.Context, tx *database.DB, id models.UserID, keep models.SecretHash,
	remove func(*database.DB, context.Context, models.UserID) error,
) error {
	err := remove(tx, ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return problem.New(problem.Conflict, "There is no authenticator app to remove.")
	}
	if err != nil {
		return err
	}
	return tx.DeleteSessionsOf(ctx, id, keep)
}

// RemoveFactorsOf takes all second factors of the user of that name away, with
// their recovery codes and sessions, for an admin, who says why.
func (s *Service) RemoveFactorsOf(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changed(ctx, by, username, func(tx *database.DB, u models.User) (models.AuditEvent, error) {
		return by.Did(ActionRemoveFactor, models.UserObject(u.ID), why), s.dropFactor(ctx, tx, u.ID, "", (*database.DB).DeleteFactors)
	})
}
