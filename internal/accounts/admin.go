package accounts

import (
	"cmp"
	"context"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// usersPage is the number of users on a page of the list.
const usersPage = 50

// Users returns a page of the users that match f, and whether there are more.
func (s *Service) Users(ctx context.Context, f models.UserFilter) (users []models.User, more bool, err error) {
	if f.After != "" && !models.IsID(string(f.After)) {
		return nil, false, problem.OnField("after", "This page of the list does not exist. Go back to the first page.")
	}
	most := cmp.Or(f.Limit, usersPage)
	users, err = s.DB.Users(ctx, f, most+1)
	if len(users) > most {
		return users[:most], true, err
	}
	return users, false, err
}

// CountOf returns the counts of a user's content for the admin panel.
func (s *Service) CountOf(ctx context.Context, id models.UserID) (models.UserCount, error) {
	return s.DB.CountOf(ctx, id)
}

// changeUser applies do to the named user in a transaction and appends the audit
// event that it returns. It fails with Forbidden if admins name their own account.
func (s *Service) changeUser(
	ctx context.Context, by models.Actor, username string,
	do func(tx *database.DB, u models.User) (models.AuditEvent, error),
) (models.User, error) {
	noReason := func(tx *database.DB, u models.User, _ string) (models.AuditEvent, error) { return do(tx, u) }
	return s.changeUserFor(ctx, by, username, "", noReason)
}

// changeUserFor is changeUser for a reason, which do gets parsed. It fails with a
// problem at the field "why" if the reason is not valid.
func (s *Service) changeUserFor(
	ctx context.Context, by models.Actor, username, reason string,
	do func(tx *database.DB, u models.User, why string) (models.AuditEvent, error),
) (models.User, error) {
	why, err := models.ParseReason("why", reason)
	if err != nil {
		return models.User{}, err
	}
	user, err := s.ByUsername(ctx, username)
	if err != nil {
		return models.User{}, problem.At("username", err)
	}
	if by.User.SignedIn() && by.User.ID == user.ID {
		return user, problem.New(problem.Forbidden, "You can't do this to your own account. Ask another admin.")
	}
	return user, s.DB.Tx(ctx, func(tx *database.DB) error {
		event, err := do(tx, user, why)
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, event)
	})
}

// SetTier moves the named user to a tier.
func (s *Service) SetTier(ctx context.Context, by models.Actor, username, tierName string) (models.User, error) {
	tier, err := models.ParseTier(tierName)
	if err != nil {
		return models.User{}, err
	}
	user, err := s.changeUser(ctx, by, username, func(tx *database.DB, u models.User) (models.AuditEvent, error) {
		return by.Did(ActionSetTier, models.UserObject(u.ID), string(u.Tier)+" to "+string(tier)), tx.SetTier(ctx, u.ID, tier, s.now())
	})
	user.Tier = tier
	return user, err
}

// SetRole changes the role of the named user and ends their sessions. It fails
// with Conflict for the last active admin.
func (s *Service) SetRole(ctx context.Context, by models.Actor, username, roleName, why string) (models.User, error) {
	role, err := models.ParseRole(roleName)
	if err != nil {
		return models.User{}, err
	}
	return s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		detail := string(u.Role) + " to " + string(role) + reasonSuffix(why)
		return by.Did(ActionSetRole, models.UserObject(u.ID), detail), problem.At("role", tx.ChangeRole(ctx, u.ID, role))
	})
}

// reasonSuffix returns ": " and the reason, or "" without one.
func reasonSuffix(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// SetQuota sets the storage quota of the named user, such as "20GiB". With "" the
// user gets the quota of their tier.
func (s *Service) SetQuota(ctx context.Context, by models.Actor, username, text string) (models.User, error) {
	var quota *int64
	said := "the tier's quota"
	if text = strings.TrimSpace(text); text != "" {
		var size models.Size
		if err := size.UnmarshalText([]byte(text)); err != nil {
			return models.User{}, problem.OnField("quota", "Enter a size such as 500MiB or 20GiB, or leave it empty for the tier's quota.")
		}
		bytes := int64(size)
		quota, said = &bytes, text
	}
	return s.changeUser(ctx, by, username, func(tx *database.DB, u models.User) (models.AuditEvent, error) {
		return by.Did(ActionSetQuota, models.UserObject(u.ID), said), tx.SetQuota(ctx, u.ID, quota, s.now())
	})
}

// EndSessionsOf ends all sessions of the named user.
func (s *Service) EndSessionsOf(ctx context.Context, by models.Actor, username, why string) (models.User, error) {
	return s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		return by.Did(ActionEndSessions, models.UserObject(u.ID), why), tx.DeleteSessionsOf(ctx, u.ID, "")
	})
}

// resetLifetime is how long a password reset link is valid.
const resetLifetime = 30 * time.Minute

// NewResetLink returns the secret of a link with which the named user can set a
// new password, once, within resetLifetime. Older links become invalid. The admin
// hands it over.
func (s *Service) NewResetLink(ctx context.Context, by models.Actor, username, why string) (models.User, models.Secret, error) {
	secret := models.NewSecret()
	user, err := s.changeUserFor(ctx, by, username, why, func(tx *database.DB, u models.User, why string) (models.AuditEvent, error) {
		if u.SuspendedAt != nil {
			return models.AuditEvent{}, problem.New(problem.Conflict, "This user is suspended. Reinstate them first.")
		}
		event := by.Did(ActionResetLink, models.UserObject(u.ID), why)
		return event, tx.CreateResetLink(ctx, secret.Hash(), u.ID, s.now().Add(resetLifetime))
	})
	return user, secret, err
}

// CheckResetLink returns the user of a valid reset link, or NotFound.
func (s *Service) CheckResetLink(ctx context.Context, link models.Secret) (models.User, error) {
	user, err := s.DB.ResetLinkUser(ctx, link.Hash(), s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = errInvalidResetLink()
	}
	return user, err
}

func errInvalidResetLink() error {
	return problem.New(problem.NotFound, "This link is invalid, used or expired. Request a new one.")
}

// ResetPassword redeems link: it sets a new password and ends all sessions and, unless they
// are kept, the API tokens. It starts no session, because a second factor is still required
// (OWASP ASVS 5.0, 6.4.3).
func (s *Service) ResetPassword(ctx context.Context, link models.Secret, password string, keepTokens bool, from models.Client) error {
	user, err := s.CheckResetLink(ctx, link)
	if err != nil {
		return err
	}
	if err := s.checkPassword("password", password, user.Username, user.Email); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RedeemResetLink(ctx, link.Hash(), s.now()); err != nil {
			return err
		}
		if err := s.replacePassword(ctx, tx, user.ID, hash, keepTokens, ""); err != nil {
			return err
		}
		who := models.Actor{User: user, Client: from}
		return s.audit(ctx, tx, who.Did(ActionResetPassword, models.UserObject(user.ID), ""))
	})
	if problem.KindOf(err) == problem.NotFound { // redeemed meanwhile
		err = errInvalidResetLink()
	}
	return err
}
