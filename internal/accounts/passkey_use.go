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

// AskToLogIn returns, in JSON, what a browser is to ask any authenticator for
// that has a passkey for this site.
func (s *Service) AskToLogIn(ctx context.Context) ([]byte, error) {
	return s.askPasskey(ctx, nil, askedToLogIn)
}

// AskToFinish is AskToLogIn for a pending log-in: the passkey must be one of
// who owes it. NotFound is a log-in that must begin anew.
func (s *Service) AskToFinish(ctx context.Context, pending models.Secret) ([]byte, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return nil, err
	}
	return s.askPasskey(ctx, &user, askedToFinish+string(pending.Hash()))
}

// AskToConfirm is AskToLogIn for who is there already.
func (s *Service) AskToConfirm(ctx context.Context, who models.User, at models.SecretHash) ([]byte, error) {
	return s.askPasskey(ctx, &who, askedToConfirm+string(at))
}

// HasPasskey reports whether who can be asked for a passkey.
func (s *Service) HasPasskey(ctx context.Context, who models.User) (bool, error) {
	keys, err := s.DB.PasskeysOf(ctx, who.ID)
	return len(keys) > 0, err
}

func (s *Service) askPasskey(ctx context.Context, who *models.User, askedFor string) ([]byte, error) {
	var holder *keyHolder
	if who != nil {
		found, err := s.keyHolder(ctx, *who)
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
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return s.keepChallenge(ctx, askedFor, options, session)
}

// LogInByPasskey opens a session for whoever has the passkey that answered. It
// asked its holder who they are, so nothing else is wanted.
func (s *Service) LogInByPasskey(ctx context.Context, answer string, from models.Client) (models.User, models.Secret, error) {
	user, used, err := s.judgePasskey(ctx, nil, answer, askedToLogIn)
	if problem.KindOf(err) == problem.Invalid && user.SignedIn() {
		if failed := s.refusePasskey(ctx, models.Actor{User: user, Client: from}, ActionLogIn); failed != nil {
			return models.User{}, "", failed
		}
	}
	if err == nil && user.SuspendedAt != nil {
		err = s.refuseSuspended(ctx, user, from)
	}
	if err != nil {
		return models.User{}, "", err
	}
	secret, err := s.enterByPasskey(ctx, user, used, from, func(*database.DB) error { return nil })
	return user, secret, err
}

// FinishByPasskey opens the session of a pending log-in. NotFound is a log-in
// that must begin anew.
func (s *Service) FinishByPasskey(ctx context.Context, pending models.Secret, answer string, from models.Client) (models.User, models.Secret, error) {
	user, err := s.PendingLogIn(ctx, pending)
	if err != nil {
		return models.User{}, "", err
	}
	_, used, err := s.judgePasskey(ctx, &user, answer, askedToFinish+string(pending.Hash()))
	if problem.KindOf(err) == problem.Invalid {
		if failed := s.refusePasskey(ctx, models.Actor{User: user, Client: from}, ActionLogIn); failed != nil {
			return models.User{}, "", failed
		}
	}
	if err != nil {
		return models.User{}, "", err
	}
	secret, err := s.enterByPasskey(ctx, user, used, from, func(tx *database.DB) error {
		return tx.SpendPendingLogIn(ctx, pending.Hash(), s.now())
	})
	return user, secret, err
}

// enterByPasskey opens a session if the passkey was not used meanwhile, and
// first allows it.
func (s *Service) enterByPasskey(ctx context.Context, user models.User, used *webauthn.Credential, from models.Client, first func(*database.DB) error) (secret models.Secret, err error) {
	who := models.Actor{User: user, Client: from}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.usePasskey(ctx, tx, user.ID, used); err != nil {
			return err
		}
		if err := first(tx); err != nil {
			return err
		}
		if err := s.tellOfDevice(ctx, tx, user.ID, from); err != nil {
			return err
		}
		if secret, err = s.openSession(ctx, tx, user.ID, from); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionLogIn, models.UserObject(user.ID), "passkey"))
	})
	return secret, err
}

// ConfirmByPasskey notes that who is there at their session, whose passkey
// answered.
func (s *Service) ConfirmByPasskey(ctx context.Context, who models.Actor, at models.SecretHash, answer string) error {
	object := models.UserObject(who.User.ID)
	_, used, err := s.judgePasskey(ctx, &who.User, answer, askedToConfirm+string(at))
	if problem.KindOf(err) == problem.Invalid {
		if failed := s.refusePasskey(ctx, who, ActionConfirm); failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.usePasskey(ctx, tx, who.User.ID, used); err != nil {
			return err
		}
		if err := tx.ConfirmSession(ctx, who.User.ID, at, s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionConfirm, object, "passkey"))
	})
}

// refusePasskey notes that a passkey of who's was tried in vain.
func (s *Service) refusePasskey(ctx context.Context, who models.Actor, tried models.AuditAction) error {
	return s.audit(ctx, s.DB, who.WasRefused(tried, models.UserObject(who.User.ID), "wrong passkey"))
}

// judgePasskey returns whose passkey answered the challenge, and the passkey
// with the count it told. want is who it must be; nil: anybody. With an Invalid
// problem the user, if known, is the one whose passkey it was to be.
func (s *Service) judgePasskey(ctx context.Context, want *models.User, answer, askedFor string) (models.User, *webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return models.User{}, nil, errBadPasskey()
	}
	session, err := s.spendChallenge(ctx, parsed.Response.CollectedClientData.Challenge, askedFor)
	if err != nil {
		return models.User{}, nil, err
	}
	var user models.User
	if want != nil {
		user = *want
	} else if user, err = s.DB.UserByCredential(ctx, credentialName(parsed.RawID)); err != nil {
		if problem.KindOf(err) == problem.NotFound {
			err = errBadPasskey()
		}
		return models.User{}, nil, err
	}
	holder, err := s.keyHolder(ctx, user)
	if err != nil {
		return models.User{}, nil, err
	}
	var used *webauthn.Credential
	if want != nil {
		used, err = s.Relying.site.ValidateLogin(holder, session, parsed)
	} else {
		_, used, err = s.Relying.site.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return holder, nil }, session, parsed)
	}
	if err != nil || used.Authenticator.CloneWarning {
		return user, nil, errBadPasskey()
	}
	return user, used, nil
}

// usePasskey notes the use. A passkey that has counted so far already is a copy,
// or was faster.
func (s *Service) usePasskey(ctx context.Context, tx *database.DB, id models.UserID, used *webauthn.Credential) error {
	err := tx.UsePasskey(ctx, id, credentialName(used.ID), int64(used.Authenticator.SignCount), s.now())
	if problem.KindOf(err) == problem.NotFound {
		return errBadPasskey()
	}
	return err
}
