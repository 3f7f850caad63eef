package accounts

import (
	"context"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// LogInPasskeyOptions returns the options, in JSON, with which a browser asks for
// any passkey for this site.
func (s *Service) LogInPasskeyOptions(ctx context.Context) ([]byte, error) {
	return s.passkeyOptions(ctx, nil, forLogIn)
}

// SecondFactorPasskeyOptions is LogInPasskeyOptions for the passkeys of the user of
// a pending log-in. It fails with NotFound if the log-in has expired.
func (s *Service) SecondFactorPasskeyOptions(ctx context.Context, pending models.Secret) ([]byte, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return nil, err
	}
	return s.passkeyOptions(ctx, &user, forSecondFactor+string(pending.Hash()))
}

// ConfirmPasskeyOptions is LogInPasskeyOptions for re-authentication at a session.
func (s *Service) ConfirmPasskeyOptions(ctx context.Context, who models.User, at models.SecretHash) ([]byte, error) {
	return s.passkeyOptions(ctx, &who, forConfirmation+string(at))
}

// HasPasskey reports whether the user has a passkey.
func (s *Service) HasPasskey(ctx context.Context, who models.User) (bool, error) {
	keys, err := s.DB.PasskeysOf(ctx, who.ID)
	return len(keys) > 0, err
}

// passkeyOptions returns options for the passkeys of who, or of anyone if who is
// nil.
func (s *Service) passkeyOptions(ctx context.Context, who *models.User, purpose string) ([]byte, error) {
	var holder *passkeyUser
	if who != nil {
		found, err := s.passkeyUser(ctx, *who)
		if err != nil {
			return nil, err
		}
		if len(found.keys) == 0 {
			return nil, problem.New(problem.Conflict, "You have no passkeys.")
		}
		holder = &found
	}
	options, session, err := s.Relying.ask(holder)
	if err != nil {
		return nil, fmt.Errorf("creating passkey options: %w", err)
	}
	return s.storeChallenge(ctx, purpose, options, session)
}

// LogInByPasskey starts a session for the user of the passkey that signed answer.
// It needs no second factor, because the authenticator has verified the user.
func (s *Service) LogInByPasskey(ctx context.Context, answer string, from models.Client) (models.User, models.Secret, error) {
	user, used, err := s.verifyPasskey(ctx, nil, answer, forLogIn)
	if problem.KindOf(err) == problem.Invalid {
		if failed := s.auditPasskeyFailure(ctx, models.Actor{User: user, Client: from}, ActionLogIn); failed != nil {
			return models.User{}, "", failed
		}
	}
	if err == nil && user.SuspendedAt != nil {
		err = s.rejectSuspended(ctx, user, from)
	}
	if err != nil {
		return models.User{}, "", err
	}
	secret, err := s.logInByPasskey(ctx, user, used, from, func(*database.DB) error { return nil })
	return user, secret, err
}

// FinishLogInByPasskey completes a pending log-in with a passkey as the second
// factor. It fails with NotFound if the log-in has expired.
func (s *Service) FinishLogInByPasskey(
	ctx context.Context, pending models.Secret, answer string, from models.Client,
) (models.User, models.Secret, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return models.User{}, "", err
	}
	_, used, err := s.verifyPasskey(ctx, &user, answer, forSecondFactor+string(pending.Hash()))
	if problem.KindOf(err) == problem.Invalid {
		if failed := s.auditPasskeyFailure(ctx, models.Actor{User: user, Client: from}, ActionLogIn); failed != nil {
			return models.User{}, "", failed
		}
	}
	if err != nil {
		return models.User{}, "", err
	}
	secret, err := s.logInByPasskey(ctx, user, used, from, func(tx *database.DB) error {
		return tx.SpendPendingLogIn(ctx, pending.Hash(), s.now())
	})
	return user, secret, err
}

// logInByPasskey starts a session unless the passkey was used meanwhile or first
// fails.
func (s *Service) logInByPasskey(
	ctx context.Context, user models.User, used *webauthn.Credential, from models.Client, first func(*database.DB) error,
) (secret models.Secret, err error) {
	who := models.Actor{User: user, Client: from}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.recordPasskeyUse(ctx, tx, user.ID, used); err != nil {
			return err
		}
		if err := first(tx); err != nil {
			return err
		}
		if err := s.notifyNewDevice(ctx, tx, user.ID, from); err != nil {
			return err
		}
		if secret, err = s.startSession(ctx, tx, user.ID, from); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionLogIn, models.UserObject(user.ID), "passkey"))
	})
	return secret, err
}

// ConfirmByPasskey re-authenticates the user at a session by a passkey, and returns the new
// secret of the session.
func (s *Service) ConfirmByPasskey(
	ctx context.Context, who models.Actor, at models.SecretHash, answer string,
) (renewed models.Secret, err error) {
	object := models.UserObject(who.User.ID)
	_, used, err := s.verifyPasskey(ctx, &who.User, answer, forConfirmation+string(at))
	if problem.KindOf(err) == problem.Invalid {
		if failed := s.auditPasskeyFailure(ctx, who, ActionConfirm); failed != nil {
			return "", failed
		}
	}
	if err != nil {
		return "", err
	}
	renewed = models.NewSecret()
	return renewed, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.recordPasskeyUse(ctx, tx, who.User.ID, used); err != nil {
			return err
		}
		if err := tx.RenewSession(ctx, who.User.ID, at, renewed.Hash(), s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionConfirm, object, "passkey"))
	})
}

// auditPasskeyFailure writes an audit event for a rejected passkey of the user, or of an
// unknown one.
func (s *Service) auditPasskeyFailure(ctx context.Context, who models.Actor, tried models.AuditAction) error {
	if !who.User.SignedIn() {
		return s.audit(ctx, s.DB, who.WasRefused(tried, "", "passkey: unknown"))
	}
	return s.audit(ctx, s.DB, who.WasRefused(tried, models.UserObject(who.User.ID), "wrong passkey"))
}

// verifyPasskey checks the response to a challenge. It returns the user of the
// passkey, and the passkey with its new signature counter. If want is not nil, it
// must be that user's passkey. With an Invalid problem, it returns the user whose
// passkey was rejected, if known.
func (s *Service) verifyPasskey(ctx context.Context, want *models.User, answer, purpose string) (models.User, *webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return models.User{}, nil, errPasskeyFailed()
	}
	session, err := s.redeemChallenge(ctx, parsed.Response.CollectedClientData.Challenge, purpose)
	if err != nil {
		return models.User{}, nil, err
	}
	var user models.User
	if want != nil {
		user = *want
	} else if user, err = s.DB.UserByCredential(ctx, encodeCredentialID(parsed.RawID)); err != nil {
		if problem.KindOf(err) == problem.NotFound {
			err = errPasskeyFailed()
		}
		return models.User{}, nil, err
	}
	holder, err := s.passkeyUser(ctx, user)
	if err != nil {
		return models.User{}, nil, err
	}
	var used *webauthn.Credential
	if want != nil {
		used, err = s.Relying.site.ValidateLogin(holder, session, parsed)
	} else {
		find := func([]byte, []byte) (webauthn.User, error) { return holder, nil }
		_, used, err = s.Relying.site.ValidatePasskeyLogin(find, session, parsed)
	}
	if err != nil || used.Authenticator.CloneWarning {
		return user, nil, errPasskeyFailed()
	}
	return user, used, nil
}

// recordPasskeyUse stores the signature counter. It fails if the counter has not
// increased: the passkey is a copy, or a concurrent request has used it.
func (s *Service) recordPasskeyUse(ctx context.Context, tx *database.DB, id models.UserID, used *webauthn.Credential) error {
	err := tx.UsePasskey(ctx, id, encodeCredentialID(used.ID), int64(used.Authenticator.SignCount), s.now())
	if problem.KindOf(err) == problem.NotFound {
		return errPasskeyFailed()
	}
	return err
}
