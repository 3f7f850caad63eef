package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateOIDCLogIn keeps what the answer of a provider is judged by.
func (db *DB) CreateOIDCLogIn(ctx context.Context, hash models.SecretHash, sealed []byte, expires time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO oidc_log_ins (hash, sealed, expires_at) VALUES ($1, $2, $3)`, hash, sealed, expires)
	return db.classify(err, "log-in")
}

// SpendOIDCLogIn returns what CreateOIDCLogIn kept, once, or NotFound.
func (db *DB) SpendOIDCLogIn(ctx context.Context, hash models.SecretHash, now time.Time) (sealed []byte, err error) {
	const spend = `DELETE FROM oidc_log_ins WHERE hash = $1 AND expires_at > $2 RETURNING sealed`
	err = db.Tx(ctx, func(tx *DB) error { // which on SQLite takes its turn to write
		return tx.row(ctx, spend, []any{hash, now}, &sealed)
	})
	return sealed, db.classify(err, "log-in")
}

// UserIDByIdentity returns whose identity it is, or NotFound.
func (db *DB) UserIDByIdentity(ctx context.Context, issuer, subject string) (id models.UserID, err error) {
	const find = `SELECT user_id FROM oidc_identities WHERE issuer = $1 AND subject = $2`
	return id, db.classify(db.row(ctx, find, []any{issuer, subject}, &id), "identity")
}

// LinkIdentity gives a user an identity, or returns a Conflict if somebody has
// it.
func (db *DB) LinkIdentity(ctx context.Context, id models.UserID, issuer, subject string, now time.Time) error {
	const link = `INSERT INTO oidc_identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)`
	_, err := db.exec(ctx, link, issuer, subject, id, now)
	return db.classify(err, "identity")
}

// LinkProvedIdentity is LinkIdentity for a user who has proved to have exactly
// this mail address, and NotFound for one who has not.
func (db *DB) LinkProvedIdentity(ctx context.Context, id models.UserID, issuer, subject string, email models.Email, now time.Time) error {
	const link = `
		INSERT INTO oidc_identities (issuer, subject, user_id, created_at)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), id, $3 FROM users WHERE id = $4 AND email = $5 AND email_verified_at IS NOT NULL`
	return db.change(ctx, "user", link, issuer, subject, now, id, email)
}
