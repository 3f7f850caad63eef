package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// CreateAPIToken inserts t, which was never used, and reports true, or reports
// false if its user has most already. No such user is NotFound.
func (db *DB) CreateAPIToken(ctx context.Context, t *models.APIToken, most int) (made bool, err error) {
	// COALESCE tells PostgreSQL which type its first argument has.
	const insert = `
		INSERT INTO api_tokens (id, user_id, name, hash, scopes, created_at, expires_at)
		SELECT $1, u.id, $2, $3, $4, COALESCE($5, u.created_at), CASE WHEN $6 = 0 THEN NULL ELSE COALESCE($7, u.created_at) END FROM users u
		WHERE u.id = $8 AND (SELECT count(*) FROM api_tokens WHERE user_id = u.id) < $9`
	ends := 0
	if t.ExpiresAt != nil {
		ends = 1
	}
	err = db.Tx(ctx, func(tx *DB) error {
		// Locks the row: on PostgreSQL a count does not see what others are
		// about to insert, so they take turns.
		if err := tx.change(ctx, "user", `UPDATE users SET updated_at = updated_at WHERE id = $1`, t.UserID); err != nil {
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
	tokens, err := gorm.G[models.APIToken](db.gorm).Where("user_id = ?", user).Order("created_at DESC, id").Find(ctx)
	return tokens, db.classify(err, "API token")
}

// DeleteAPIToken removes a token of owner's, or returns NotFound.
func (db *DB) DeleteAPIToken(ctx context.Context, owner models.UserID, id models.TokenID) error {
	return db.change(ctx, "API token", `DELETE FROM api_tokens WHERE id = $1 AND user_id = $2`, id, owner)
}

// UserByAPIToken returns the token with the given hash and its user, or
// NotFound, also for that of a user who is suspended or about to leave. A
// token that has come to its end is returned: its holder is told so.
func (db *DB) UserByAPIToken(ctx context.Context, hash models.SecretHash) (t models.APIToken, u models.User, err error) {
	const find = `
		SELECT t.id, t.user_id, t.name, t.hash, t.scopes, t.created_at, t.last_used_at, t.expires_at,
			u.id, u.username, u.username_key, u.email, u.password_hash, u.role, u.tier, u.phone, u.website, u.bio,
			u.avatar, u.avatar_type, u.storage_used, u.quota, u.created_at, u.updated_at, u.email_verified_at, ` + hasFactor + `
		FROM api_tokens t JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1 AND ` + activeUser
	err = db.row(ctx, find, []any{hash},
		&t.ID, &t.UserID, &t.Name, &t.Hash, &t.Scopes, &t.CreatedAt, &t.LastUsedAt, &t.ExpiresAt,
		&u.ID, &u.Username, &u.UsernameKey, &u.Email, &u.PasswordHash, &u.Role, &u.Tier, &u.Phone, &u.Website, &u.Bio,
		&u.Avatar, &u.AvatarType, &u.StorageUsed, &u.Quota, &u.CreatedAt, &u.UpdatedAt, &u.EmailVerifiedAt, &u.HasFactor)
	return t, u, db.classify(err, "API token")
}

// TouchAPIToken notes that the token was used now, unless it was used at
// notSince or later.
func (db *DB) TouchAPIToken(ctx context.Context, id models.TokenID, now, notSince time.Time) error {
	const touch = `UPDATE api_tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)`
	_, err := db.exec(ctx, touch, now, id, notSince)
	return db.classify(err, "API token")
}
