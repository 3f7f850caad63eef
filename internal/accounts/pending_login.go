package accounts

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// pendingLifetime is how long somebody may look for their second factor.
const pendingLifetime = 5 * time.Minute

// An Entry is how far a log-in came: one of its two secrets is set.
type Entry struct {
	Session models.Secret
	Pending models.Secret // the password was right, and a second factor is owed
}

// enter opens a session for a user who gave their password, or a pending log-in
// if they have a second factor.
func (s *Service) enter(ctx context.Context, user models.User, from models.Client) (Entry, error) {
	var entry Entry
	err := s.DB.Tx(ctx, func(tx *database.DB) (err error) {
		entry, err = s.enterIn(ctx, tx, user, from)
		return err
	})
	return entry, err
}

// enterIn is enter in a transaction that is open.
func (s *Service) enterIn(ctx context.Context, tx *database.DB, user models.User, from models.Client) (entry Entry, err error) {
	has, err := tx.HasFactor(ctx, user.ID)
	if err != nil {
		return entry, err
	}
	if has {
		entry.Pending = models.NewSecret()
		return entry, tx.CreatePendingLogIn(ctx, entry.Pending.Hash(), user.ID, s.now().Add(pendingLifetime))
	}
	if err := s.tellOfDevice(ctx, tx, user.ID, from); err != nil {
		return entry, err
	}
	entry.Session, err = s.openSession(ctx, tx, user.ID, from)
	return entry, err
}

// PendingLogIn returns who owes a second factor, or NotFound.
func (s *Service) PendingLogIn(ctx context.Context, pending models.Secret) (models.User, error) {
	return s.DB.PendingLogIn(ctx, pending.Hash(), s.now())
}

// FinishLogIn opens the session of a pending log-in for a code of six digits or
// a recovery code, each of which is good once. A wrong one is a problem at the
// field "code", too many are TooMany, and NotFound is a log-in that must begin
// anew.
func (s *Service) FinishLogIn(ctx context.Context, pending models.Secret, code string, from models.Client) (models.User, models.Secret, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return models.User{}, "", err
	}
	if err := s.countTry(ctx, user.ID); err != nil {
		return models.User{}, "", err
	}
	who := models.Actor{User: user, Client: from}
	spend, how, err := s.judgeCode(ctx, user.ID, typedCode(code))
	var secret models.Secret
	if err == nil {
		err = s.DB.Tx(ctx, func(tx *database.DB) error {
			if err := spend(tx); err != nil {
				return err
			}
			if err := tx.SpendPendingLogIn(ctx, pending.Hash(), s.now()); err != nil {
				return err
			}
			if err := s.tellOfDevice(ctx, tx, user.ID, from); err != nil {
				return err
			}
			if secret, err = s.openSession(ctx, tx, user.ID, from); err != nil {
				return err
			}
			return s.audit(ctx, tx, who.Did(ActionLogIn, models.UserObject(user.ID), how))
		})
	}
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Invalid {
		if err := s.audit(ctx, s.DB, who.WasRefused(ActionLogIn, models.UserObject(user.ID), "wrong "+how)); err != nil {
			return models.User{}, "", err
		}
		return models.User{}, "", errWrongCode()
	}
	return user, secret, err
}

// countTry counts that a code is tried before it is looked at. Whoever has
// passkeys alone has no code that could be guessed.
func (s *Service) countTry(ctx context.Context, id models.UserID) error {
	f, err := s.DB.TOTPOf(ctx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && f.ConfirmedAt == nil {
		return nil
	}
	if err != nil {
		return err
	}
	may, err := s.DB.CountFactorTry(ctx, id, maxFactorTries, s.now(), factorWindow)
	if err != nil || may {
		return err
	}
	many := problem.New(problem.TooMany, "Too many wrong codes for this account. Wait an hour, then try again.")
	many.RetryIn = factorWindow
	return many
}

// judgeCode returns what takes a code of the user's, and what kind it is. That
// taking it fails with NotFound is the last word: who was faster has it.
func (s *Service) judgeCode(ctx context.Context, id models.UserID, code string) (spend func(*database.DB) error, how string, err error) {
	if len(code) != codeDigits {
		return func(tx *database.DB) error { return tx.SpendRecoveryCode(ctx, id, models.Secret(code).Hash()) }, "recovery code", nil
	}
	_, key, err := s.factor(ctx, id)
	if err != nil {
		return nil, "code", err
	}
	step, right := s.stepOf(key, code)
	if !right {
		return nil, "code", errWrongCode()
	}
	return func(tx *database.DB) error { return tx.SpendTOTP(ctx, id, step) }, "code", nil
}
