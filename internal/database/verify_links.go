package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateVerifyLink stores a link that verifies an email address of the user, and
// removes all older ones.
func (db *DB) CreateVerifyLink(ctx context.Context, hash models.SecretHash, id models.UserID, email models.Email, expires time.Time) error {
	const create = `INSERT INTO verify_links (hash, user_id, email, expires_at) VALUES ($1, $2, $3, $4)`
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM verify_links WHERE user_id = $1`, id); err != nil {
			return tx.classify(err, "link")
		}
		_, err := tx.exec(ctx, create, hash, id, email, expires)
		return tx.classify(err, "link")
	})
}

// VerifyLinkUser returns the user whose address the link verifies, with the address.
// It returns NotFound if the link has expired or the user has another address now.
func (db *DB) VerifyLinkUser(ctx context.Context, hash models.SecretHash, now time.Time) (u models.User, err error) {
	const find = `
		SELECT u.id, u.username, u.email FROM verify_links l JOIN users u ON u.id = l.user_id AND u.email = l.email
		WHERE l.hash = $1 AND l.expires_at > $2`
	err = db.row(ctx, find, []any{hash, now}, &u.ID, &u.Username, &u.Email)
	return u, db.classify(err, "link")
}

// RedeemVerifyLink uses the link up and marks its address as verified. It returns
// NotFound if the link has expired, is used already, or is for a former address.
func (db *DB) RedeemVerifyLink(ctx context.Context, hash models.SecretHash, now time.Time) error {
	const verify = `
		UPDATE users SET email_verified_at = $1
		WHERE EXISTS (
			SELECT 1 FROM verify_links l WHERE l.hash = $2 AND l.expires_at > $3 AND l.user_id = users.id AND l.email = users.email)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "link", verify, now, hash, now); err != nil {
			return err
		}
		return tx.change(ctx, "link", `DELETE FROM verify_links WHERE hash = $1`, hash)
	})
}

// UsersOfEmail returns up to limit users who verified this address, which is in
// lower case.
func (db *DB) UsersOfEmail(ctx context.Context, email string, limit int) ([]models.User, error) {
	const find = `
		SELECT id, username, suspended_at, email_verified_at FROM users
		WHERE lower(email) = $1 AND email_verified_at IS NOT NULL ORDER BY id LIMIT $2`
	users, err := list(ctx, db, find, []any{email, limit}, func(u *models.User) []any {
		return []any{&u.ID, &u.Username, &u.SuspendedAt, &u.EmailVerifiedAt}
	})
	return users, db.classify(err, "user")
}

// ResetLinkSince reports whether the user has a reset link that expires after then.
func (db *DB) ResetLinkSince(ctx context.Context, id models.UserID, then time.Time) (found bool, err error) {
	err = db.row(ctx, `SELECT EXISTS (SELECT 1 FROM reset_links WHERE user_id = $1 AND expires_at > $2)`, []any{id, then}, &found)
	return found, db.classify(err, "reset link")
}

// KnowsDevice reports whether the user has, or recently had, a session of this
// browser from this network.
func (db *DB) KnowsDevice(ctx context.Context, id models.UserID, userAgent, place string) (known bool, err error) {
	const find = `SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = $1 AND user_agent = $2 AND address = $3)`
	err = db.row(ctx, find, []any{id, userAgent, place}, &known)
	return known, db.classify(err, "session")
}
