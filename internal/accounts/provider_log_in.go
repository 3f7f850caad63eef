package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionLinkIdentity means that an identity at an OpenID Connect provider can now
// sign in to the account.
const ActionLinkIdentity models.AuditAction = "user.link_identity"

// ActionJoin means that an account was created at the first sign-in through a
// provider.
const ActionJoin models.AuditAction = "user.join"

// maxNames is the number of usernames that freeName tries.
const maxNames = 50

// LogInByIdentity is LogIn for an identity that a provider has verified. An
// unknown identity is linked to the account that has verified the same email
// address, or else gets a new account if registration is open. The account's
// second factor is still required. The role follows the provider if it sets roles.
// A refusal is written to the audit log.
func (s *Service) LogInByIdentity(ctx context.Context, who models.Identity, from models.Client) (LogInResult, error) {
	entry, err := s.logInByIdentity(ctx, who, from)
	if done, ok := errors.AsType[auditedError](err); ok {
		return entry, done.error
	}
	if kind := problem.KindOf(err); kind == problem.Conflict || kind == problem.Forbidden {
		err = errors.Join(err, s.AuditProviderFailure(ctx, models.Actor{Client: from}, ActionLogIn))
	}
	return entry, err
}

// An auditedError is an error that the audit log has.
type auditedError struct{ error }

// AuditProviderFailure writes an audit event for a sign-in or a confirmation that failed
// at the provider. Its user is known if the visitor is signed in.
func (s *Service) AuditProviderFailure(ctx context.Context, who models.Actor, tried models.AuditAction) error {
	object := ""
	if who.User.SignedIn() {
		object = models.UserObject(who.User.ID)
	}
	return s.audit(ctx, s.DB, who.WasRefused(tried, object, "OpenID Connect"))
}

// logInByIdentity is LogInByIdentity without the audit event for a refusal.
func (s *Service) logInByIdentity(ctx context.Context, who models.Identity, from models.Client) (LogInResult, error) {
	id, err := s.DB.UserIDByIdentity(ctx, who.Issuer, who.Subject)
	known := err == nil
	if problem.KindOf(err) == problem.NotFound {
		id, err = s.verifiedOwner(ctx, who)
	}
	if err != nil {
		return LogInResult{}, err
	}
	if id == "" {
		return s.registerByIdentity(ctx, who, from)
	}
	user, err := s.DB.UserByID(ctx, id)
	if err != nil {
		return LogInResult{}, err
	}
	if user.SuspendedAt != nil {
		return LogInResult{}, auditedError{s.rejectSuspended(ctx, user, from)}
	}
	var entry LogInResult
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if !known {
			err := tx.LinkProvedIdentity(ctx, id, who.Issuer, who.Subject, models.Email(who.Email), s.now())
			if problem.KindOf(err) == problem.NotFound { // the user has unlinked it or changed their address meanwhile
				err = errLinkManually()
			}
			if err != nil {
				return err
			}
		}
		var done models.AuditAction
		if !known {
			done = ActionLinkIdentity
		}
		entry, err = s.logInByIdentityTx(ctx, tx, user, who, done, from)
		return err
	})
	return entry, err
}

// verifiedOwner returns the user who has verified the email address that the
// provider has verified for the identity, or "" if there is none. It fails with
// Conflict if there are several, or if the user once unlinked an identity.
func (s *Service) verifiedOwner(ctx context.Context, who models.Identity) (models.UserID, error) {
	email, err := models.ParseEmail(who.Email)
	if err != nil || !who.Verified || string(email) != who.Email {
		return "", nil //nolint:nilerr // an invalid address belongs to no user
	}
	users, err := s.DB.UsersOfEmail(ctx, strings.ToLower(who.Email), maxAccounts)
	if err != nil {
		return "", err
	}
	var owner models.UserID
	for _, found := range users {
		u, err := s.DB.UserByID(ctx, found.ID)
		if err != nil {
			return "", err
		}
		if u.Email != email || u.EmailVerifiedAt == nil {
			continue
		}
		if u.UnlinkedAt != nil {
			return "", errLinkManually()
		}
		if owner != "" {
			return "", problem.New(problem.Conflict, "Several accounts use your email. Sign in with your password.")
		}
		owner = u.ID
	}
	return owner, nil
}

// errLinkManually is for users who once unlinked an identity: they are no longer
// linked automatically by their email address.
func errLinkManually() error {
	return problem.New(problem.Conflict, "The account with your email is not linked to this provider. Sign in another way and link it in "+
		"your settings.")
}

// registerByIdentity creates an account for an identity, with a random password
// that the user does not know, and logs in.
func (s *Service) registerByIdentity(ctx context.Context, who models.Identity, from models.Client) (LogInResult, error) {
	if err := s.MayRegister(); err != nil {
		return LogInResult{}, err
	}
	email, err := models.ParseEmail(who.Email)
	if err != nil {
		return LogInResult{}, problem.New(problem.Forbidden, "The provider did not share your email, and an account needs one.")
	}
	if s.checkDomain(email) != nil || len(s.policy().Domains) > 0 && !who.Verified {
		return LogInResult{}, problem.New(problem.Forbidden, "Registration is limited to email addresses at %s.",
			strings.Join(s.policy().Domains, " or "))
	}
	name, err := s.freeName(ctx, who)
	if err != nil {
		return LogInResult{}, err
	}
	hash, err := s.Hasher.Hash(ctx, models.NewSecret().Reveal())
	if err != nil {
		return LogInResult{}, err
	}
	now := s.now()
	user := models.User{
		ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Email: email,
		PasswordHash: hash, NoPassword: true, Role: models.RoleUser, Tier: models.TierFree, CreatedAt: now, UpdatedAt: now,
	}
	if who.Verified {
		user.EmailVerifiedAt = &now
	}
	var entry LogInResult
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		if err := tx.LinkIdentity(ctx, user.ID, who.Issuer, who.Subject, now); err != nil {
			return err
		}
		if !who.Verified {
			if err := s.queueMail(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: user.ID}); err != nil {
				return err
			}
		}
		entry, err = s.logInByIdentityTx(ctx, tx, user, who, ActionJoin, from)
		return err
	})
	return entry, err
}

// logInByIdentityTx logs user in within tx and gives them the role from the
// provider, except that the last active admin stays one. If done is not empty, it
// is also written to the audit log.
func (s *Service) logInByIdentityTx(
	ctx context.Context, tx *database.DB, user models.User, who models.Identity, done models.AuditAction, from models.Client,
) (LogInResult, error) {
	err := tx.UseIdentity(ctx, user.ID, who.Issuer, who.Subject, s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Conflict, "This provider was unlinked from your account. Sign in another way.")
	}
	if err != nil {
		return LogInResult{}, err
	}
	by := models.Actor{User: user, Client: from}
	var events []models.AuditEvent
	if done != "" {
		events = append(events, by.Did(done, models.UserObject(user.ID), who.Issuer))
	}
	if who.Role != "" && who.Role != user.Role {
		err := tx.ChangeRole(ctx, user.ID, who.Role)
		if err != nil && problem.KindOf(err) != problem.Conflict {
			return LogInResult{}, err
		}
		if err == nil {
			detail := string(user.Role) + " to " + string(who.Role) + ", set by the provider"
			events = append(events, by.Did(ActionSetRole, models.UserObject(user.ID), detail))
		}
	}
	entry, err := s.logInTx(ctx, tx, user, from)
	if err != nil {
		return LogInResult{}, err
	}
	if entry.Session != "" {
		// Without a second factor here, the session is as fresh as the proof at the provider.
		proved := time.Unix(0, 0).UTC()
		if !who.AuthenticatedAt.IsZero() {
			proved = who.AuthenticatedAt
		}
		if err := tx.SetConfirmed(ctx, user.ID, entry.Session.Hash(), proved); err != nil {
			return LogInResult{}, err
		}
		events = append(events, by.Did(ActionLogIn, models.UserObject(user.ID), "OpenID Connect"))
	}
	for _, e := range events {
		err = errors.Join(err, s.audit(ctx, tx, e))
	}
	return entry, err
}

// usernameFor returns the username of the identity, or the local part of its email
// address, with other characters than letters and digits replaced.
func usernameFor(who models.Identity) string {
	wanted := who.Username
	if wanted == "" || strings.Contains(wanted, "@") {
		wanted, _, _ = strings.Cut(who.Email, "@")
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, wanted), "_")
	if len(name) < models.MinUsername {
		name = "user_" + name
	}
	return name
}

// freeName returns a free username that resembles that of the identity.
func (s *Service) freeName(ctx context.Context, who models.Identity) (models.Username, error) {
	base := usernameFor(who)
	for n := 1; n <= maxNames; n++ {
		end := ""
		if n > 1 {
			end = fmt.Sprintf("_%d", n)
		}
		name, err := models.ParseUsername(base[:min(len(base), models.MaxUsername-len(end))] + end)
		if err != nil {
			return "", err
		}
		_, err = s.ByUsername(ctx, string(name))
		if problem.KindOf(err) == problem.NotFound {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", problem.New(problem.Conflict, "No free username could be derived from your account. Ask the administrator for an account.")
}
