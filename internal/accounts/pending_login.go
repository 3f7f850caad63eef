package accounts

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// pendingLifetime is the time a user has to provide their second factor.
const pendingLifetime = 5 * time.Minute

// A LogInResult has one of two secrets: of a session, or of a pending log-in.
type LogInResult struct {
	Session models.Secret
	Pending models.Secret // if a second factor is still needed
}

// logIn starts a session for a user who gave their password, or a pending log-in if they
// have a second factor.
func (s *Service) logIn(ctx context.Context, user models.User, from models.Client) (LogInResult, error) {
	var entry LogInResult
	err := s.DB.Tx(ctx, func(tx *database.DB) (err error) {
		if entry, err = s.logInTx(ctx, tx, user, from); err != nil || entry.Session == "" {
			return err
		}
		return s.audit(ctx, tx, models.Actor{User: user, Client: from}.Did(ActionLogIn, models.UserObject(user.ID), "password"))
	})
	return entry, err
}

// logInTx is logIn within tx.
func (s *Service) logInTx(ctx context.Context, tx *database.DB, user models.User, from models.Client) (entry LogInResult, err error) {
	has, err := tx.HasFactor(ctx, user.ID)
	if err != nil {
		return entry, err
	}
	if has {
		entry.Pending = models.NewSecret()
		return entry, tx.CreatePendingLogIn(ctx, entry.Pending.Hash(), user.ID, s.now().Add(pendingLifetime))
	}
	if err := s.notifyNewDevice(ctx, tx, user.ID, from); err != nil {
		return entry, err
	}
	entry.Session, err = s.startSession(ctx, tx, user.ID, from)
	return entry, err
}

// PendingLogIn returns the user of a pending log-in, or NotFound if it has expired.
func (s *Service) PendingLogIn(ctx context.Context, pending models.Secret) (models.User, error) {
	return s.DB.PendingLogIn(ctx, pending.Hash(), s.now())
}

// FinishLogIn completes a pending log-in with a TOTP code or a recovery code; both
// work once. It fails with a problem at the field "code" if the code is wrong, with
// TooMany after too many wrong ones, and with NotFound if the log-in has expired.
func (s *Service) FinishLogIn(
	ctx context.Context, pending models.Secret, code string, from models.Client,
) (models.User, models.Secret, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return models.User{}, "", err
	}
	who := models.Actor{User: user, Client: from}
	code = normalizeCode(code)
	if len(code) == codeDigits { // recovery codes cannot be guessed
		if err := s.countAttempt(ctx, user.ID); err != nil {
			return models.User{}, "", err
		}
	}
	redeem, kind, err := s.checkCode(ctx, user.ID, code)
	var secret models.Secret
	if err == nil {
		err = s.DB.Tx(ctx, func(tx *database.DB) error {
			if err := redeem(tx); err != nil {
				return err
			}
			if err := tx.ForgetFactorTries(ctx, user.ID); err != nil {
				return err
			}
			if err := tx.SpendPendingLogIn(ctx, pending.Hash(), s.now()); err != nil {
				return err
			}
			if err := s.notifyNewDevice(ctx, tx, user.ID, from); err != nil {
				return err
			}
			if secret, err = s.startSession(ctx, tx, user.ID, from); err != nil {
				return err
			}
			return s.audit(ctx, tx, who.Did(ActionLogIn, models.UserObject(user.ID), "password and "+kind))
		})
	}
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Invalid {
		if err := s.audit(ctx, s.DB, who.WasRefused(ActionLogIn, models.UserObject(user.ID), "wrong "+kind)); err != nil {
			return models.User{}, "", err
		}
		return models.User{}, "", errWrongCode()
	}
	return user, secret, err
}

// countAttempt counts an attempt before the code is checked, and fails with TooMany
// after too many. The right code gives the attempts back.
func (s *Service) countAttempt(ctx context.Context, id models.UserID) error {
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

// checkCode returns a function that redeems the code, and the kind of the code. The
// function fails with NotFound if a concurrent request has redeemed it.
func (s *Service) checkCode(
	ctx context.Context, id models.UserID, code string,
) (redeem func(*database.DB) error, kind string, err error) {
	if len(code) != codeDigits {
		return func(tx *database.DB) error { return tx.SpendRecoveryCode(ctx, id, models.Secret(code).Hash()) }, "recovery code", nil
	}
	_, key, err := s.factor(ctx, id)
	if err != nil {
		return nil, "code", err
	}
	step, right := s.matchStep(key, code)
	if !right {
		return nil, "code", errWrongCode()
	}
	return func(tx *database.DB) error { return tx.SpendTOTP(ctx, id, step) }, "code", nil
}
