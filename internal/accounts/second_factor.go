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

// TOTP parameters that every authenticator app supports (RFC 6238): SHA-1, six
// digits, 30 seconds. The clock may be one step off (OWASP ASVS 5.0, 6.6.4).
const (
	stepSeconds = 30
	codeDigits  = 6
	qrSide      = 264 // pixels
)

// Limit of wrong codes per account. Only someone who knows the password can try
// codes, so strangers cannot lock a user out.
const (
	maxFactorTries = 10
	factorWindow   = time.Hour
)

// SecondFactor returns the state of the user's second factors.
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

// OwesFactor reports whether the user's role requires a second factor that they do
// not have. Until then they can only set one up.
func (s *Service) OwesFactor(who models.User) bool {
	return who.SignedIn() && !who.HasFactor && slices.Contains(s.policy().FactorRoles, who.Role)
}

// BeginFactor creates a new TOTP secret for the user. It takes effect once
// FinishFactor has verified a code.
func (s *Service) BeginFactor(ctx context.Context, who models.User) error {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.policy().Issuer, AccountName: string(who.Username)})
	if err != nil {
		return fmt.Errorf("creating a TOTP secret: %w", err)
	}
	sealed := s.Key.Seal(factorName(who.ID), []byte(key.URL()))
	return s.DB.BeginTOTP(ctx, models.TOTPFactor{UserID: who.ID, Sealed: sealed, CreatedAt: s.now()})
}

// CancelFactor ends a setup that BeginFactor has started. An authenticator app that is set up stays.
func (s *Service) CancelFactor(ctx context.Context, who models.User) error {
	return s.DB.CancelTOTP(ctx, who.ID)
}

// factorName returns the name under which a TOTP secret is sealed; it binds the
// secret to its user.
func factorName(id models.UserID) string { return "totp:" + string(id) }

// A FactorKey is a TOTP secret for an authenticator app.
type FactorKey struct {
	Secret string // in base32, to type
	QR     []byte // QR code as a PNG image, to scan
}

// PendingFactorKey returns the key of the factor that the user is setting up. It
// fails with NotFound if there is none or if it is set up: it is never shown again.
func (s *Service) PendingFactorKey(ctx context.Context, who models.User) (FactorKey, error) {
	f, key, err := s.factor(ctx, who.ID)
	if err != nil {
		return FactorKey{}, err
	}
	if f.ConfirmedAt != nil {
		return FactorKey{}, problem.New(problem.NotFound, "No setup is in progress. Start again.")
	}
	image, err := key.Image(qrSide, qrSide)
	if err != nil {
		return FactorKey{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, image); err != nil {
		return FactorKey{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	return FactorKey{Secret: key.Secret(), QR: encoded.Bytes()}, nil
}

// factor returns the user's TOTP factor and its decrypted key, or NotFound.
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

// matchStep returns the time step of code, or false if it is not a code of the
// current, the previous or the next step.
func (s *Service) matchStep(key *otp.Key, code string) (int64, bool) {
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

// normalizeCode returns a code in upper case, without spaces and dashes.
func normalizeCode(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s))
}

func errWrongCode() error {
	return problem.OnField("code", "Incorrect or used code. Enter the next one.")
}

// FinishFactor activates the factor that the user is setting up if code is right.
// It returns new recovery codes, and ends all sessions except keep.
func (s *Service) FinishFactor(ctx context.Context, who models.Actor, code string, keep models.SecretHash) ([]string, error) {
	id := who.User.ID
	f, key, err := s.factor(ctx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && f.ConfirmedAt != nil {
		return nil, problem.New(problem.Conflict, "No setup is in progress. Start again.")
	}
	if err != nil {
		return nil, err
	}
	step, right := s.matchStep(key, normalizeCode(code))
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

// RemoveTOTP removes the user's authenticator app, and ends all sessions except keep.
func (s *Service) RemoveTOTP(ctx context.Context, who models.Actor, keep models.SecretHash) error {
	id := who.User.ID
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.removeFactor(ctx, tx, id, keep, (*database.DB).DeleteTOTP); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionRemoveFactor, models.UserObject(id), "TOTP"))
	})
}

// removeFactor calls remove, and ends all sessions except keep.
func (s *Service) removeFactor(ctx context.Context, tx *database.DB, id models.UserID, keep models.SecretHash,
	remove func(*database.DB, context.Context, models.UserID) error,
) error {
	err := remove(tx, ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return problem.New(problem.Conflict, "There is no second factor to remove.")
	}
	if err != nil {
		return err
	}
	return tx.DeleteSessionsOf(ctx, id, keep)
}

// RemoveFactorsOf removes all second factors and recovery codes of the named user,
// and ends their sessions, on behalf of an admin.
func (s *Service) RemoveFactorsOf(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		return by.Did(ActionRemoveFactor, models.UserObject(u.ID), why), s.removeFactor(ctx, tx, u.ID, "", (*database.DB).DeleteFactors)
	})
}
