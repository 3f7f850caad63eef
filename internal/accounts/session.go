package accounts

import (
	"context"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// touchEvery is how often the last use of a session or token is written: a
// read of a page must not be a write to the database each time.
const touchEvery = time.Minute

// LogIn opens a session for the user with this name and password, or a pending
// log-in if they have a second factor. It says the same, after the same work, for a wrong name and a wrong password (OWASP ASVS
// 5.0, 6.3.8).
func (s *Service) LogIn(ctx context.Context, username, password string, from models.Client) (models.User, Entry, error) {
	user, err := s.ByUsername(ctx, username)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return models.User{}, Entry{}, err
	}
	if utf8.RuneCountInString(password) > models.MaxPassword {
		password = "" // never anyone's: no work is spent on its length
	}
	ok, outdated, err := s.Hasher.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return models.User{}, Entry{}, err
	}
	if !ok {
		return models.User{}, Entry{}, problem.OnField("username", "Incorrect username or password.")
	}
	if user.SuspendedAt != nil {
		return models.User{}, Entry{}, s.refuseSuspended(ctx, user, from)
	}
	if outdated {
		if err := s.rehash(ctx, user.ID, password); err != nil {
			return models.User{}, Entry{}, err
		}
	}
	entry, err := s.enter(ctx, user, from)
	return user, entry, err
}

// refuseSuspended returns what a suspended user is told who proved to be
// themselves, and notes that they came.
func (s *Service) refuseSuspended(ctx context.Context, user models.User, from models.Client) error {
	refused := models.Actor{User: user, Client: from}.WasRefused(ActionLogIn, models.UserObject(user.ID), "suspended")
	if err := s.audit(ctx, s.DB, refused); err != nil {
		return err
	}
	return problem.New(problem.Forbidden, "This account is suspended. Contact the administrator.")
}

// rehash replaces a hash that was made with weaker parameters than today's.
func (s *Service) rehash(ctx context.Context, id models.UserID, password string) error {
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.UpdatePasswordHash(ctx, id, hash, s.now())
}

// openSession mints a session. A log-in always gets a new secret, whatever the
// browser held before (OWASP ASVS 5.0, 7.2.4).
func (s *Service) openSession(ctx context.Context, db *database.DB, id models.UserID, from models.Client) (models.Secret, error) {
	secret, now := models.NewSecret(), s.now()
	return secret, db.CreateSession(ctx, &models.Session{
		Hash: secret.Hash(), UserID: id, UserAgent: from.Name(), Address: from.Place(),
		CreatedAt: now, LastSeenAt: now, ConfirmedAt: now, ExpiresAt: now.Add(s.policy().SessionLifetime),
	})
}

// BySession returns the session that secret opens, and its user. An unknown,
// ended, idle or expired session is a NotFound problem.
func (s *Service) BySession(ctx context.Context, secret models.Secret) (models.Session, models.User, error) {
	now := s.now()
	session, user, err := s.DB.SessionByHash(ctx, secret.Hash(), now, now.Add(-s.policy().SessionIdle))
	if err != nil {
		return models.Session{}, models.User{}, err
	}
	if session.LastSeenAt.Before(now.Add(-touchEvery)) {
		err = s.DB.TouchSession(ctx, session.Hash, now, now.Add(-touchEvery))
	}
	return session, user, err
}

// StillIn returns a user who may still come by a session or API token they came
// with. If it has ended, the error is a NotFound problem. A session is not held
// to have been used of late: whoever asks is using it.
func (s *Service) StillIn(ctx context.Context, who models.UserID, with models.SecretHash) (models.User, error) {
	now := s.now()
	session, user, err := s.DB.SessionByHash(ctx, with, now, now.Add(-s.policy().SessionLifetime))
	owner := session.UserID
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

// LogOut ends the session that secret opens.
func (s *Service) LogOut(ctx context.Context, secret models.Secret) error {
	return s.DB.DeleteSession(ctx, secret.Hash())
}

// Sessions lists where who is logged in, newest first.
func (s *Service) Sessions(ctx context.Context, who models.User) ([]models.Session, error) {
	return s.DB.SessionsOf(ctx, who.ID)
}

// EndSession ends one of who's own sessions.
func (s *Service) EndSession(ctx context.Context, who models.User, hash models.SecretHash) error {
	if !hash.Valid() {
		return problem.New(problem.NotFound, "Session not found.")
	}
	return s.DB.DeleteSessionOf(ctx, who.ID, hash)
}

// EndOtherSessions ends all of who's sessions but the one given.
func (s *Service) EndOtherSessions(ctx context.Context, who models.User, keep models.SecretHash) error {
	return s.DB.DeleteSessionsOf(ctx, who.ID, keep)
}

// ChangePassword replaces who's password and ends all their other sessions
// (OWASP ASVS 5.0, 7.4.3).
func (s *Service) ChangePassword(ctx context.Context, who models.Actor, current, password string, keep models.SecretHash) error {
	id := who.User.ID
	if err := s.checkOwnPassword(ctx, id, "current_password", current); err != nil {
		return err
	}
	if err := checkPassword("password", password, who.User.Username); err != nil {
		return err
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.UpdatePasswordHash(ctx, id, hash, s.now()); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, id, keep); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionChangePassword, models.UserObject(id), ""))
	})
}

// ExpireSessions does models.ExpireSessions.
func (s *Service) ExpireSessions(ctx context.Context, _ models.ExpireSessions) error {
	now := s.now()
	_, err := s.DB.DeleteExpiredSessions(ctx, now, now.Add(-s.policy().SessionIdle))
	return err
}
