package accounts

import (
	"context"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionUnlinkIdentity is an account that an identity at a provider opens no
// more.
const ActionUnlinkIdentity models.AuditAction = "user.unlink_identity"

// maxLinks is how many identities at providers may open one account.
const maxLinks = 10

// Links lists the identities by which who can enter, oldest first.
func (s *Service) Links(ctx context.Context, who models.User) ([]models.Link, error) {
	return s.DB.LinksOf(ctx, who.ID)
}

// LinkIdentity lets the identity that a provider told of open who's account, as
// who asked for while they were there. All their other sessions end. An identity
// opens one account alone.
func (s *Service) LinkIdentity(ctx context.Context, who models.Actor, identity models.Identity, keep models.SecretHash) error {
	id := who.User.ID
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		made, err := tx.LinkOwnIdentity(ctx, id, identity.Issuer, identity.Subject, maxLinks, s.now())
		if err == nil && !made {
			err = s.whyNotLinked(ctx, tx, id, identity)
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

// whyNotLinked returns why an identity could not be linked.
func (s *Service) whyNotLinked(ctx context.Context, tx *database.DB, id models.UserID, identity models.Identity) error {
	owner, err := tx.UserIDByIdentity(ctx, identity.Issuer, identity.Subject)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return problem.New(problem.Conflict, "You have %d linked providers, the maximum. Unlink one you no longer use.", maxLinks)
	case err != nil:
		return err
	case owner == id:
		return problem.New(problem.Conflict, "This provider is already linked to your account.")
	}
	return problem.New(problem.Conflict, "This provider is linked to another account here. Unlink it there first.")
}

// Unlink takes a link of who's away, and ends all their other sessions. From
// then on their account is linked when they ask for it, and by no address alone.
// It is an Invalid problem if they could not come in any more.
func (s *Service) Unlink(ctx context.Context, who models.Actor, issuer, subject string, keep models.SecretHash) error {
	id := who.User.ID
	if strings.ContainsRune(issuer+subject, 0) {
		return problem.New(problem.NotFound, "Linked provider not found.") // rows cannot even be asked for it
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		gone, err := tx.Unlink(ctx, id, issuer, subject, s.policy().Provider, s.now())
		if err == nil && !gone {
			err = errNoOtherWay()
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

// errNoOtherWay is what became of an act that would leave somebody outside.
func errNoOtherWay() error {
	return problem.New(problem.Invalid, "You would have no way to sign in. Set a password or add a passkey first.")
}
