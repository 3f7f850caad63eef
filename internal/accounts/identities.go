package accounts

import (
	"context"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionUnlinkIdentity means that an identity can no longer sign in to the account.
const ActionUnlinkIdentity models.AuditAction = "user.unlink_identity"

// maxIdentities is the maximum number of identities linked to one account.
const maxIdentities = 10

// Identities returns the identities that can sign in to the user's account, oldest first.
func (s *Service) Identities(ctx context.Context, who models.User) ([]models.LinkedIdentity, error) {
	return s.DB.LinksOf(ctx, who.ID)
}

// LinkIdentity links an identity to the user's account, and ends all sessions
// except keep. It fails with Conflict if the identity is already linked, to this or
// another account, or if there are maxIdentities.
func (s *Service) LinkIdentity(ctx context.Context, who models.Actor, identity models.Identity, keep models.SecretHash) error {
	id := who.User.ID
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		made, err := tx.LinkOwnIdentity(ctx, id, identity.Issuer, identity.Subject, maxIdentities, s.now())
		if err == nil && !made {
			err = s.linkConflict(ctx, tx, id, identity)
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, id, keep); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionLinkIdentity, models.UserObject(id), identity.Issuer))
	})
}

// linkConflict returns the Conflict that kept an identity from being linked.
func (s *Service) linkConflict(ctx context.Context, tx *database.DB, id models.UserID, identity models.Identity) error {
	owner, err := tx.UserIDByIdentity(ctx, identity.Issuer, identity.Subject)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return problem.New(problem.Conflict, "You have %d linked providers, the maximum. Unlink one you no longer use.", maxIdentities)
	case err != nil:
		return err
	case owner == id:
		return problem.New(problem.Conflict, "This provider is already linked to your account.")
	}
	return problem.New(problem.Conflict, "This provider is linked to another account here. Unlink it there first.")
}

// UnlinkIdentity removes an identity from the user's account, and ends all sessions
// except keep. From then on, identities are only linked at the user's request, not
// by their email address. It fails with Invalid if it is the last way to sign in.
func (s *Service) UnlinkIdentity(ctx context.Context, who models.Actor, issuer, subject string, keep models.SecretHash) error {
	id := who.User.ID
	if strings.ContainsRune(issuer+subject, 0) {
		return problem.New(problem.NotFound, "Linked provider not found.") // PostgreSQL rejects it in a query
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		gone, err := tx.Unlink(ctx, id, issuer, subject, s.policy().Provider, s.now())
		if err == nil && !gone {
			err = errLastLogInMethod()
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, id, keep); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionUnlinkIdentity, models.UserObject(id), issuer))
	})
}

// errLastLogInMethod means that the user could no longer sign in afterwards.
func errLastLogInMethod() error {
	return problem.New(problem.Invalid, "You would have no way to sign in. Set a password or add a passkey first.")
}
