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

// UsernameOfEmail returns the username of the one user with this address, which is in
// lower case: if several have it, of the one who verified it, or else of the first. It
// returns "" if there is no such user, or if several verified it.
func (db *DB) UsernameOfEmail(ctx context.Context, email string) (models.Username, error) {
	const find = `
		SELECT username, email_verified_at IS NOT NULL FROM users WHERE lower(email) = $1
		ORDER BY email_verified_at IS NULL, created_at, id LIMIT 2`
	type holder struct {
		name     models.Username
		verified bool
	}
	all, err := list(ctx, db, find, []any{email}, func(h *holder) []any { return []any{&h.name, &h.verified} })
	if len(all) == 0 || len(all) == 2 && all[1].verified {
		return "", db.classify(err, "user")
	}
	return all[0].name, db.classify(err, "user")
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

// TakeResetMail stores that the user is sent a reset link now. It reports false, and
// stores nothing, if one was sent after since, if the user has no verified address, or if
// they are suspended. Of requests at the same time, one is told true.
func (db *DB) TakeResetMail(ctx context.Context, id models.UserID, now, since time.Time) (taken bool, err error) {
	const take = `
		UPDATE users SET reset_mailed_at = $1
		WHERE id = $2 AND email_verified_at IS NOT NULL AND suspended_at IS NULL AND (reset_mailed_at IS NULL OR reset_mailed_at <= $3)`
	n, err := db.exec(ctx, take, now, id, since)
	return n > 0, db.classify(err, "user")
}

// KnowsDevice reports whether the user has, or recently had, a session of this
// browser from this network.
func (db *DB) KnowsDevice(ctx context.Context, id models.UserID, userAgent, place string) (known bool, err error) {
	const find = `SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = $1 AND user_agent = $2 AND address = $3)`
	err = db.row(ctx, find, []any{id, userAgent, place}, &known)
	return known, db.classify(err, "session")
}
