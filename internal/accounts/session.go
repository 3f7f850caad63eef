package accounts

import (
	"context"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// touchEvery is the minimum time between two updates of the last use of a session
// or token, so that not every request writes to the database.
const touchEvery = time.Minute

// LogIn starts a session for the user with this name and password, or a pending
// log-in if they have a second factor. A wrong name and a wrong password give the
// same error after the same work (OWASP ASVS 5.0, 6.3.8).
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
	if session.LastSeenAt.Before(now.Add(-touchEvery)) {
		err = s.DB.TouchSession(ctx, session.Hash, now, now.Add(-touchEvery))
	}
	return session, user, err
}

// StillAuthenticated returns the user if their session or API token is still valid,
// or NotFound. It is for running transfers, so it ignores the idle timeout.
func (s *Service) StillAuthenticated(ctx context.Context, who models.UserID, with models.SecretHash) (models.User, error) {
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

// ChangePassword replaces the user's password, and ends all sessions except keep
// (OWASP ASVS 5.0, 7.4.3).
func (s *Service) ChangePassword(ctx context.Context, who models.Actor, current, password string, keep models.SecretHash) error {
	id := who.User.ID
	if err := s.checkCurrentPassword(ctx, id, "current_password", current); err != nil {
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

// ExpireSessions runs the job models.ExpireSessions.
func (s *Service) ExpireSessions(ctx context.Context, _ models.ExpireSessions) error {
	now := s.now()
	_, err := s.DB.DeleteExpiredSessions(ctx, now, now.Add(-s.policy().SessionIdle))
	return err
}
