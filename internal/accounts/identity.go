package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionLinkIdentity is an account that its user can enter by a provider of
// OpenID Connect from then on.
const ActionLinkIdentity models.AuditAction = "user.link_identity"

// ActionJoin is an account that was made for who came by a provider.
const ActionJoin models.AuditAction = "user.join"

// mostNames is how many usernames are tried for who comes by a provider.
const mostNames = 50

// LogInByIdentity is LogIn for who a provider says comes. Who comes for the
// first time gets the account that has proved exactly the address which the
// provider knows to be theirs, else a new one, where one may register; a second
// factor of ours stays wanted. The role follows the provider, if it has a say.
func (s *Service) LogInByIdentity(ctx context.Context, who models.Identity, from models.Client) (Entry, error) {
	id, err := s.DB.UserIDByIdentity(ctx, who.Issuer, who.Subject)
	known := err == nil
	if problem.KindOf(err) == problem.NotFound {
		id, err = s.ownerOf(ctx, who)
	}
	if err != nil {
		return Entry{}, err
	}
	if id == "" {
		return s.newByIdentity(ctx, who, from)
	}
	user, err := s.DB.UserByID(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	if user.SuspendedAt != nil {
		return Entry{}, s.refuseSuspended(ctx, user, from)
	}
	var entry Entry
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if !known {
			err := tx.LinkProvedIdentity(ctx, id, who.Issuer, who.Subject, models.Email(who.Email), s.now())
			if problem.KindOf(err) == problem.NotFound { // they changed their mind, or their address
				err = errLinkYourself()
			}
			if err != nil {
				return err
			}
		}
		var done models.AuditAction
		if !known {
			done = ActionLinkIdentity
		}
		entry, err = s.enterByIdentity(ctx, tx, user, who, done, from)
		return err
	})
	return entry, err
}

// ownerOf returns who has proved the address that the provider knows to be
// who's, or "" if nobody has. Of several nobody can tell which is meant.
func (s *Service) ownerOf(ctx context.Context, who models.Identity) (models.UserID, error) {
	email, err := models.ParseEmail(who.Email)
	if err != nil || !who.Verified || string(email) != who.Email {
		return "", nil //nolint:nilerr // what is no address is nobody's
	}
	users, err := s.DB.UsersOfEmail(ctx, strings.ToLower(who.Email), mostAccounts)
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
			return "", errLinkYourself()
		}
		if owner != "" {
			return "", problem.New(problem.Conflict, "Several accounts use your email. Sign in with your password.")
		}
		owner = u.ID
	}
	return owner, nil
}

// errLinkYourself is what they are told who took a link away: whoever comes by
// the provider is let in by their word alone.
func errLinkYourself() error {
	return problem.New(problem.Conflict, "The account with your email is not linked to this provider. Sign in another way and link it in your settings.")
}

// newByIdentity makes an account for who has none. It has a password that
// nobody knows.
func (s *Service) newByIdentity(ctx context.Context, who models.Identity, from models.Client) (Entry, error) {
	if err := s.MayRegister(); err != nil {
		return Entry{}, err
	}
	email, err := models.ParseEmail(who.Email)
	if err != nil {
		return Entry{}, problem.New(problem.Forbidden, "The provider did not share your email, and an account needs one.")
	}
	if s.checkDomain(email) != nil || len(s.policy().Domains) > 0 && !who.Verified {
		return Entry{}, problem.New(problem.Forbidden, "Registration is limited to email addresses at %s.", strings.Join(s.policy().Domains, " or "))
	}
	name, err := s.freeName(ctx, who)
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.Hasher.Hash(ctx, models.NewSecret().Reveal())
	if err != nil {
		return Entry{}, err
	}
	now := s.now()
	user := models.User{
		ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Email: email,
		PasswordHash: hash, NoPassword: true, Role: models.RoleUser, Tier: models.TierFree, CreatedAt: now, UpdatedAt: now,
	}
	if who.Verified {
		user.EmailVerifiedAt = &now
	}
	var entry Entry
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		if err := tx.LinkIdentity(ctx, user.ID, who.Issuer, who.Subject, now); err != nil {
			return err
		}
		if !who.Verified {
			if err := s.post(ctx, tx, models.SendMail{Mail: models.MailVerify, UserID: user.ID}); err != nil {
				return err
			}
		}
		entry, err = s.enterByIdentity(ctx, tx, user, who, ActionJoin, from)
		return err
	})
	return entry, err
}

// enterByIdentity gives user the role that the provider says, and enters. done
// is what else becomes of them; empty: nothing. The only admin stays one.
func (s *Service) enterByIdentity(ctx context.Context, tx *database.DB, user models.User, who models.Identity, done models.AuditAction, from models.Client) (Entry, error) {
	err := tx.UseIdentity(ctx, user.ID, who.Issuer, who.Subject, s.now())
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Conflict, "This provider was unlinked from your account. Sign in another way.")
	}
	if err != nil {
		return Entry{}, err
	}
	by := models.Actor{User: user, Client: from}
	var events []models.AuditEvent
	if done != "" {
		events = append(events, by.Did(done, models.UserObject(user.ID), who.Issuer))
	}
	if who.Role != "" && who.Role != user.Role {
		err := tx.ChangeRole(ctx, user.ID, who.Role)
		if err != nil && problem.KindOf(err) != problem.Conflict {
			return Entry{}, err
		}
		if err == nil {
			events = append(events, by.Did(ActionSetRole, models.UserObject(user.ID), string(user.Role)+" to "+string(who.Role)+", as the provider says"))
		}
	}
	entry, err := s.enterIn(ctx, tx, user, from)
	if err != nil {
		return Entry{}, err
	}
	if entry.Session != "" {
		events = append(events, by.Did(ActionLogIn, models.UserObject(user.ID), "OpenID Connect"))
	}
	for _, e := range events {
		err = errors.Join(err, s.audit(ctx, tx, e))
	}
	return entry, err
}

// freeName returns a username that nobody has, like the one who goes by.
func (s *Service) freeName(ctx context.Context, who models.Identity) (models.Username, error) {
	wish := who.Username
	if wish == "" || strings.Contains(wish, "@") {
		wish, _, _ = strings.Cut(who.Email, "@")
	}
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, wish), "_")
	if len(base) < models.MinUsername {
		base = "user_" + base
	}
	for n := 1; n <= mostNames; n++ {
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
