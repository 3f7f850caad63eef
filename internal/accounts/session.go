package accounts

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// touchEvery is the minimum time between two updates of the last use of a session
// or token, so that not every request writes to the database.
const touchEvery = time.Minute

// AccountNamed returns the username of the account that a visitor names by its username or
// email address, or what they typed, without space around it, if there is none.
func (s *Service) AccountNamed(ctx context.Context, typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "@") || len(typed) > models.MaxEmail || !utf8.ValidString(typed) {
		return typed, nil
	}
	name, err := s.DB.UsernameOfEmail(ctx, strings.ToLower(typed))
	return cmp.Or(string(name), typed), err
}

// LogIn starts a session for the user with this name and password, or a pending
// log-in if they have a second factor. A wrong name and a wrong password give the
// same error after the same work (OWASP ASVS 5.0, 6.3.8). Each attempt is audited
// (16.3.1).
func (s *Service) LogIn(ctx context.Context, username, password string, from models.Client) (models.User, LogInResult, error) {
	user, err := s.ByUsername(ctx, username)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return models.User{}, LogInResult{}, err
	}
	if utf8.RuneCountInString(password) > models.MaxPassword {
		password = "" // matches no hash; avoids the work for a long text
	}
	ok, outdated, err := s.Hasher.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return models.User{}, LogInResult{}, err
	}
	if !ok {
		refused := models.Actor{User: user, Client: from}.WasRefused(ActionLogIn, "", "password: unknown user")
		if user.ID != "" {
			refused.Object, refused.Detail = models.UserObject(user.ID), "wrong password"
			refused.ActorID = ""
		}
		if err := s.audit(ctx, s.DB, refused); err != nil {
			return models.User{}, LogInResult{}, err
		}
		return models.User{}, LogInResult{}, problem.OnField("username", "Incorrect username or password.")
	}
	if user.SuspendedAt != nil {
		return models.User{}, LogInResult{}, s.rejectSuspended(ctx, user, from)
	}
	if outdated {
		if err := s.rehash(ctx, user.ID, password); err != nil {
			return models.User{}, LogInResult{}, err
		}
	}
	entry, err := s.logIn(ctx, user, from)
	return user, entry, err
}

// rejectSuspended returns the problem for a suspended user who has authenticated,
// and writes an audit event.
func (s *Service) rejectSuspended(ctx context.Context, user models.User, from models.Client) error {
	refused := models.Actor{User: user, Client: from}.WasRefused(ActionLogIn, models.UserObject(user.ID), "suspended")
	if err := s.audit(ctx, s.DB, refused); err != nil {
		return err
	}
	return problem.New(problem.Forbidden, "This account is suspended. Contact the administrator.")
}

// rehash replaces a hash that was made with other parameters than the current ones.
func (s *Service) rehash(ctx context.Context, id models.UserID, password string) error {
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.UpdatePasswordHash(ctx, id, hash, s.now())
}

// startSession creates a session with a new secret, whatever the browser sent
// (OWASP ASVS 5.0, 7.2.4).
func (s *Service) startSession(ctx context.Context, db *database.DB, id models.UserID, from models.Client) (models.Secret, error) {
	secret, now := models.NewSecret(), s.now()
	if err := db.RememberNetwork(ctx, id, from.Place(), now); err != nil {
		return "", err
	}
	return secret, db.CreateSession(ctx, &models.Session{
		Hash: secret.Hash(), UserID: id, UserAgent: from.Name(), Address: from.Place(),
		CreatedAt: now, LastSeenAt: now, ConfirmedAt: now, ExpiresAt: now.Add(s.policy().SessionLifetime),
	})
}

// BySession returns the session with this secret, and its user. It fails with
// NotFound if the session is unknown, ended, idle or expired.
func (s *Service) BySession(ctx context.Context, secret models.Secret) (models.Session, models.User, error) {
	now := s.now()
	session, user, err := s.DB.SessionByHash(ctx, secret.Hash(), now, now.Add(-s.policy().SessionIdle))
	if err != nil {
		return models.Session{}, models.User{}, err
	}
	return session, user, s.touch(ctx, session, now)
}

// BySessionWithFile is BySession, and finds in the same look-up a file that the user can
// read. It fails with NotFound if either is not found: then BySession tells which.
func (s *Service) BySessionWithFile(
	ctx context.Context, secret models.Secret, id models.FileID,
) (models.Session, models.User, models.File, error) {
	now := s.now()
	session, user, file, err := s.DB.SessionWithFile(ctx, secret.Hash(), now, now.Add(-s.policy().SessionIdle), id)
	if err != nil {
		return models.Session{}, models.User{}, models.File{}, err
	}
	return session, user, file, s.touch(ctx, session, now)
}

// touch records that the session was used, if it was not just now.
func (s *Service) touch(ctx context.Context, session models.Session, now time.Time) error {
	if !session.LastSeenAt.Before(now.Add(-touchEvery)) {
		return nil
	}
	return s.DB.TouchSession(ctx, session.Hash, now, now.Add(-touchEvery))
}

// StillAuthenticated returns the user if their session or API token is still valid,
// or NotFound. A session is named by its first hash, which it keeps. It is for running transfers, so it ignores the idle timeout.
func (s *Service) StillAuthenticated(ctx context.Context, who models.UserID, with models.SecretHash) (models.User, error) {
	now := s.now()
	user, err := s.DB.UserBySession(ctx, with, now)
	owner := user.ID
	if problem.KindOf(err) == problem.NotFound {
		var token models.APIToken
		token, user, err = s.DB.UserByAPIToken(ctx, with)
		owner = token.UserID
		if err == nil && token.Expired(now) {
			err = problem.New(problem.NotFound, "This token has expired.")
		}
	}
	if err == nil && (owner != who || user.DeletionAt != nil) {
		err = problem.New(problem.NotFound, "This session has ended.")
	}
	if err != nil {
		return models.User{}, err
	}
	return user, nil
}

// LogOut ends the session with this secret.
func (s *Service) LogOut(ctx context.Context, secret models.Secret) error {
	return s.DB.DeleteSession(ctx, secret.Hash())
}

// Sessions returns the user's sessions, newest first.
func (s *Service) Sessions(ctx context.Context, who models.User) ([]models.Session, error) {
	return s.DB.SessionsOf(ctx, who.ID)
}

// EndSession ends one of the user's sessions, or fails with NotFound.
func (s *Service) EndSession(ctx context.Context, who models.User, hash models.SecretHash) error {
	if !hash.Valid() {
		return problem.New(problem.NotFound, "Session not found.")
	}
	return s.DB.DeleteSessionOf(ctx, who.ID, hash)
}

// EndOtherSessions ends all of the user's sessions except keep.
func (s *Service) EndOtherSessions(ctx context.Context, who models.User, keep models.SecretHash) error {
	return s.DB.DeleteSessionsOf(ctx, who.ID, keep)
}

// A PasswordInput is what a user typed to change their password.
type PasswordInput struct {
	Current    string
	Password   string
	KeepTokens bool // else their API tokens end, with the links made by them
}

// ChangePassword replaces the user's password, and ends all sessions except the one with
// the hash keep, of which it returns the new secret (OWASP ASVS 5.0, 7.4.3 and 7.2.4).
func (s *Service) ChangePassword(
	ctx context.Context, who models.Actor, in PasswordInput, keep models.SecretHash,
) (renewed models.Secret, err error) {
	id := who.User.ID
	if err := s.checkCurrentPassword(ctx, id, "current_password", in.Current); err != nil {
		return "", err
	}
	me, err := s.DB.UserByID(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.checkPassword("password", in.Password, me.Username, me.Email); err != nil {
		return "", err
	}
	hash, err := s.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return "", err
	}
	renewed = models.NewSecret()
	return renewed, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := s.replacePassword(ctx, tx, id, hash, in.KeepTokens, keep); err != nil {
			return err
		}
		if err := tx.RenewSession(ctx, id, keep, renewed.Hash(), s.now()); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionChangePassword, models.UserObject(id), ""))
	})
}

// replacePassword stores the hash of a new password, and ends what the old one opened: all
// sessions but keep and, unless they are kept, the API tokens with the links made by them.
func (s *Service) replacePassword(
	ctx context.Context, tx *database.DB, id models.UserID, hash string, keepTokens bool, keep models.SecretHash,
) error {
	if err := tx.UpdatePasswordHash(ctx, id, hash, s.now()); err != nil {
		return err
	}
	if !keepTokens {
		if err := tx.DeleteAPITokensOf(ctx, id, s.now()); err != nil {
			return err
		}
	}
	return tx.DeleteSessionsOf(ctx, id, keep)
}

// ExpireSessions runs the job models.ExpireSessions.
func (s *Service) ExpireSessions(ctx context.Context, _ models.ExpireSessions) error {
	now := s.now()
	_, err := s.DB.DeleteExpiredSessions(ctx, now, now.Add(-s.policy().SessionIdle))
	return err
}
