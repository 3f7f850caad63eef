package accounts

import (
	"context"
	"errors"
	"unicode/utf8"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Confirmed reports whether the user of the session has recently re-authenticated,
// so that sensitive actions are allowed (OWASP ASVS 5.0, 7.5.3).
func (s *Service) Confirmed(session models.Session) bool {
	return session.ConfirmedAt.After(s.now().Add(-s.policy().ConfirmedFor))
}

// ConfirmByPassword re-authenticates the user at a session by their password, and returns
// the new secret of the session (OWASP ASVS 5.0, 7.2.4). It fails with a problem at the
// field "password" if it is wrong.
func (s *Service) ConfirmByPassword(
	ctx context.Context, who models.Actor, session models.SecretHash, password string,
) (renewed models.Secret, err error) {
	if err := s.checkCurrentPassword(ctx, who.User.ID, "password", password); err != nil {
		if problem.KindOf(err) != problem.Invalid {
			return "", err
		}
		refused := who.WasRefused(ActionConfirm, models.UserObject(who.User.ID), "wrong password")
		if failed := s.audit(ctx, s.DB, refused); failed != nil {
			return "", failed
		}
		return "", err
	}
	renewed = models.NewSecret()
	return renewed, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RenewSession(ctx, who.User.ID, session, renewed.Hash(), s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionConfirm, models.UserObject(who.User.ID), "password"))
	})
}

// checkCurrentPassword fails with a problem at field if password is not that of
// the user.
func (s *Service) checkCurrentPassword(ctx context.Context, id models.UserID, field, password string) error {
	if utf8.RuneCountInString(password) > models.MaxPassword {
		password = ""
	}
	user, err := s.DB.UserByID(ctx, id)
	if err != nil {
		return err
	}
	ok, _, err := s.Hasher.Matches(ctx, password, user.PasswordHash)
	if err == nil && !ok {
		err = problem.OnField(field, "Incorrect password.")
	}
	return err
}

// ConfirmByIdentity re-authenticates the user at a session by an identity that the
// provider has just verified anew, and returns the new secret of the session. It fails
// with Invalid if the identity is not linked to the user's account.
func (s *Service) ConfirmByIdentity(
	ctx context.Context, who models.Actor, session models.SecretHash, identity models.Identity,
) (renewed models.Secret, err error) {
	owner, err := s.DB.UserIDByIdentity(ctx, identity.Issuer, identity.Subject)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return "", err
	}
	if err != nil || owner != who.User.ID {
		return "", errors.Join(s.AuditProviderFailure(ctx, who, ActionConfirm),
			problem.New(problem.Invalid, "You signed in at the provider with an account that is not linked to this one."))
	}
	renewed = models.NewSecret()
	return renewed, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UseIdentity(ctx, owner, identity.Issuer, identity.Subject, s.now()); err != nil {
			return err
		}
		if err := tx.RenewSession(ctx, owner, session, renewed.Hash(), s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionConfirm, models.UserObject(owner), "OpenID Connect"))
	})
}
