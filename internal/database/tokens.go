package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateAPIToken inserts t and reports true. It reports false if its user already has
// most tokens, and returns NotFound if there is no such user.
func (db *DB) CreateAPIToken(ctx context.Context, t *models.APIToken, most int) (made bool, err error) {
	// COALESCE tells PostgreSQL the type of its first argument.
	const insert = `
		INSERT INTO api_tokens (id, user_id, name, hash, scopes, created_at, expires_at)
		SELECT $1, u.id, $2, $3, $4, COALESCE($5, u.created_at), CASE WHEN $6 = 0 THEN NULL ELSE COALESCE($7, u.created_at) END FROM users u
		WHERE u.id = $8 AND (SELECT count(*) FROM api_tokens WHERE user_id = u.id) < $9`
	ends := 0
	if t.ExpiresAt != nil {
		ends = 1
	}
	err = db.Tx(ctx, func(tx *DB) error {
		// On PostgreSQL a count does not see rows of open transactions.
		if err := tx.lockUser(ctx, t.UserID); err != nil {
			return err
		}
		n, err := tx.exec(ctx, insert, t.ID, t.Name, t.Hash, t.Scopes, t.CreatedAt, ends, t.ExpiresAt, t.UserID, most)
		made = n == 1
		return tx.classify(err, "API token")
	})
	return made && err == nil, err
}

// APITokensOf returns the API tokens of the user, newest first.
func (db *DB) APITokensOf(ctx context.Context, user models.UserID) ([]models.APIToken, error) {
	tokens, err := find[models.APIToken](db.gorm.WithContext(ctx).Where("user_id = ?", user).Order("created_at DESC, id"))
	return tokens, db.classify(err, "API token")
}

// DeleteAPIToken removes a token of owner's, or returns NotFound.
func (db *DB) DeleteAPIToken(ctx context.Context, owner models.UserID, id models.TokenID) error {
	return db.change(ctx, "API token", `DELETE FROM api_tokens WHERE id = $1 AND user_id = $2`, id, owner)
}

// DeleteAPITokensOf removes every token of the user, and revokes the shares and file
// requests that tokens made.
func (db *DB) DeleteAPITokensOf(ctx context.Context, user models.UserID, now time.Time) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM api_tokens WHERE user_id = $1`, user); err != nil {
			return tx.classify(err, "API token")
		}
		const shares = `UPDATE shares SET revoked_at = $1 WHERE owner_id = $2 AND by_token AND revoked_at IS NULL`
		if _, err := tx.exec(ctx, shares, now, user); err != nil {
			return tx.classify(err, "share")
		}
		const requests = `UPDATE file_requests SET revoked_at = $1 WHERE owner_id = $2 AND by_token AND revoked_at IS NULL`
		_, err := tx.exec(ctx, requests, now, user)
		return tx.classify(err, "file request")
	})
}

// UserByAPIToken returns the token with this hash and its user, without the password.
// It returns NotFound if the user is not active. It also returns an expired token, so
// that the caller can report why it does not work.
func (db *DB) UserByAPIToken(ctx context.Context, hash models.SecretHash) (t models.APIToken, u models.User, err error) {
	const find = `
		SELECT ` + visitorColumns + `, u.username_key, u.email, u.phone, u.website, u.bio, u.created_at, u.updated_at,
			t.id, t.name, t.hash, t.scopes, t.created_at, t.last_used_at, t.expires_at
		FROM api_tokens t JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1 AND ` + activeUser
	fields := append(visitorFields(&u), &u.UsernameKey, &u.Email, &u.Phone, &u.Website, &u.Bio, &u.CreatedAt, &u.UpdatedAt,
		&t.ID, &t.Name, &t.Hash, &t.Scopes, &t.CreatedAt, &t.LastUsedAt, &t.ExpiresAt)
	err = db.row(ctx, find, []any{hash}, fields...)
	t.UserID = u.ID
	return t, u, db.classify(err, "API token")
}

// TouchAPIToken sets when the token was last used, unless it was used at notSince or
// later.
func (db *DB) TouchAPIToken(ctx context.Context, id models.TokenID, now, notSince time.Time) error {
	const touch = `UPDATE api_tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)`
	_, err := db.exec(ctx, touch, now, id, notSince)
	return db.classify(err, "API token")
}
