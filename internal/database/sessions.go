package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateSession inserts s, whose secret is its first.
func (db *DB) CreateSession(ctx context.Context, s *models.Session) error {
	s.FirstHash = s.Hash
	return create(ctx, db, "session", s)
}

// visitorColumns are the columns of the user u that a request needs, in the order
// of visitorFields: those of the guards and of a page's frame, and no secrets.
const visitorColumns = `u.id, u.username, u.role, u.tier, u.avatar, u.avatar_type, u.storage_used, u.quota,
	u.deletion_at, u.email_verified_at, u.last_visibility, ` + hasFactor

// visitorFields returns where to scan visitorColumns.
func visitorFields(u *models.User) []any {
	return []any{&u.ID, &u.Username, &u.Role, &u.Tier, &u.Avatar, &u.AvatarType, &u.StorageUsed, &u.Quota,
		&u.DeletionAt, &u.EmailVerifiedAt, &u.LastVisibility, &u.HasFactor}
}

// SessionByHash returns the session and its user, with what a request needs of them.
// It returns NotFound if the session has expired, was last seen at idleSince or
// before, or belongs to a suspended user.
func (db *DB) SessionByHash(
	ctx context.Context, hash models.SecretHash, now, idleSince time.Time,
) (s models.Session, u models.User, err error) {
	const find = `SELECT ` + sessionColumns + ` FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.hash = $1` + openSession
	err = db.row(ctx, find, []any{hash, now, idleSince}, sessionFields(&s, &u)...)
	s.Hash, s.UserID = hash, u.ID
	return s, u, db.classify(err, "session")
}

// sessionColumns are the columns that SessionByHash returns, in the order of sessionFields.
// openSession is true if the session has not expired at $2, was seen after $3, and its user is
// not suspended.
const (
	sessionColumns = visitorColumns + `, s.first_hash, s.last_seen_at, s.expires_at, s.confirmed_at, ` + unreadCount
	openSession    = ` AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.suspended_at IS NULL`
)

// sessionFields returns where to scan sessionColumns.
func sessionFields(s *models.Session, u *models.User) []any {
	return append(visitorFields(u), &s.FirstHash, &s.LastSeenAt, &s.ExpiresAt, &s.ConfirmedAt, &u.Unread)
}

// SessionWithFile is SessionByHash and ServedFile in one look-up, which costs half as much: in
// WAL mode, beginning to read is most of what SQLite does. It returns NotFound if there is no
// such session or its user may not get the file, and does not tell which.
func (db *DB) SessionWithFile(
	ctx context.Context, hash models.SecretHash, now, idleSince time.Time, id models.FileID,
) (s models.Session, u models.User, f models.File, err error) {
	const find = `
		SELECT ` + sessionColumns + `, ` + servedColumns + `
		FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN files f LEFT JOIN posts p ON p.id = f.post_id
		WHERE s.hash = $1` + openSession + ` AND f.id = $4
			AND EXISTS (SELECT 1 FROM users u WHERE u.id = f.owner_id AND ` + readableFileBySession + `)`
	err = db.row(ctx, find, []any{hash, now, idleSince, id}, append(sessionFields(&s, &u), servedFields(&f)...)...)
	s.Hash, s.UserID = hash, u.ID
	return s, u, f, db.classify(err, "file")
}

// UserBySession returns the user of the session that began with the secret of this hash,
// whatever its secret is now, or NotFound if it has expired or the user is suspended.
func (db *DB) UserBySession(ctx context.Context, first models.SecretHash, now time.Time) (u models.User, err error) {
	const find = `
		SELECT ` + visitorColumns + ` FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.first_hash = $1 AND s.expires_at > $2 AND u.suspended_at IS NULL`
	err = db.row(ctx, find, []any{first, now}, visitorFields(&u)...)
	return u, db.classify(err, "session")
}

// TouchSession sets when the session was last seen, unless it was seen at notSince
// or later.
func (db *DB) TouchSession(ctx context.Context, hash models.SecretHash, now, notSince time.Time) error {
	const touch = `UPDATE sessions SET last_seen_at = $1 WHERE hash = $2 AND last_seen_at < $3`
	_, err := db.exec(ctx, touch, now, hash, notSince)
	return db.classify(err, "session")
}

// RenewSession stores that the session's user has just authenticated again, and gives the
// session the new hash of a secret. It returns NotFound if the session has ended.
func (db *DB) RenewSession(ctx context.Context, user models.UserID, hash, renewed models.SecretHash, now time.Time) error {
	const renew = `UPDATE sessions SET hash = $1, confirmed_at = $2 WHERE hash = $3 AND user_id = $4`
	return db.change(ctx, "session", renew, renewed, now, hash, user)
}

// SetConfirmed sets when the session's user last proved who they are. It returns NotFound
// if the session has ended.
func (db *DB) SetConfirmed(ctx context.Context, user models.UserID, hash models.SecretHash, at time.Time) error {
	return db.change(ctx, "session", `UPDATE sessions SET confirmed_at = $1 WHERE hash = $2 AND user_id = $3`, at, hash, user)
}

// DeleteSession ends the session. It is no error if the session has ended already.
func (db *DB) DeleteSession(ctx context.Context, hash models.SecretHash) error {
	_, err := db.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
	return db.classify(err, "session")
}

// DeleteSessionOf ends one session of the user's, or returns NotFound.
func (db *DB) DeleteSessionOf(ctx context.Context, user models.UserID, hash models.SecretHash) error {
	return db.change(ctx, "session", `DELETE FROM sessions WHERE hash = $1 AND user_id = $2`, hash, user)
}

// DeleteSessionsOf ends every session of the user except one, or all if except is
// empty. It also removes their pending sign-ins and reset links.
func (db *DB) DeleteSessionsOf(ctx context.Context, user models.UserID, except models.SecretHash) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM reset_links WHERE user_id = $1`, user); err != nil {
			return tx.classify(err, "reset link")
		}
		if _, err := tx.exec(ctx, `DELETE FROM pending_log_ins WHERE user_id = $1`, user); err != nil {
			return tx.classify(err, "sign-in")
		}
		_, err := tx.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND hash <> $2`, user, except)
		return tx.classify(err, "session")
	})
}

// SessionsOf returns the sessions of the user, newest first. They may include expired
// ones that are not swept yet.
func (db *DB) SessionsOf(ctx context.Context, user models.UserID) ([]models.Session, error) {
	sessions, err := find[models.Session](db.gorm.WithContext(ctx).Where("user_id = ?", user).Order("created_at DESC, hash"))
	return sessions, db.classify(err, "session")
}

// DeleteExpiredSessions removes the sessions that have expired or were last seen at
// idleSince or before, and expired links, pending sign-ins and challenges. It returns
// how many sessions it removed.
func (db *DB) DeleteExpiredSessions(ctx context.Context, now, idleSince time.Time) (n int64, err error) {
	const sessions = `DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2`
	if n, err = db.exec(ctx, sessions, now, idleSince); err != nil {
		return 0, db.classify(err, "session")
	}
	if _, err = db.exec(ctx, `DELETE FROM pending_log_ins WHERE expires_at <= $1`, now); err != nil {
		return n, db.classify(err, "sign-in")
	}
	if _, err = db.exec(ctx, `DELETE FROM passkey_challenges WHERE expires_at <= $1`, now); err != nil {
		return n, db.classify(err, "challenge")
	}
	if _, err = db.exec(ctx, `DELETE FROM oidc_log_ins WHERE expires_at <= $1`, now); err != nil {
		return n, db.classify(err, "sign-in")
	}
	if _, err = db.exec(ctx, `DELETE FROM verify_links WHERE expires_at <= $1`, now); err != nil {
		return n, db.classify(err, "link")
	}
	if _, err = db.exec(ctx, `DELETE FROM reset_links WHERE expires_at <= $1`, now); err != nil {
		return n, db.classify(err, "reset link")
	}
	if _, err = db.exec(ctx, `DELETE FROM known_networks WHERE last_at <= $1`, now.Add(-networkKept)); err != nil {
		return n, db.classify(err, "network")
	}
	_, err = db.exec(ctx, `DELETE FROM setup_links WHERE expires_at <= $1`, now)
	return n, db.classify(err, "setup link")
}
