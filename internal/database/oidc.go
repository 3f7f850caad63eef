package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateOIDCLogIn stores what the answer of a provider is checked against.
func (db *DB) CreateOIDCLogIn(ctx context.Context, hash models.SecretHash, sealed []byte, expires time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO oidc_log_ins (hash, sealed, expires_at) VALUES ($1, $2, $3)`, hash, sealed, expires)
	return db.classify(err, "sign-in")
}

// SpendOIDCLogIn returns, once, what CreateOIDCLogIn stored, or NotFound.
func (db *DB) SpendOIDCLogIn(ctx context.Context, hash models.SecretHash, now time.Time) (sealed []byte, err error) {
	const spend = `DELETE FROM oidc_log_ins WHERE hash = $1 AND expires_at > $2 RETURNING sealed`
	err = db.Tx(ctx, func(tx *DB) error { // a transaction, because row does not wait for other writers on SQLite
		return tx.row(ctx, spend, []any{hash, now}, &sealed)
	})
	return sealed, db.classify(err, "sign-in")
}

// UserIDByIdentity returns the user with this identity, or NotFound.
func (db *DB) UserIDByIdentity(ctx context.Context, issuer, subject string) (id models.UserID, err error) {
	const find = `SELECT user_id FROM oidc_identities WHERE issuer = $1 AND subject = $2`
	return id, db.classify(db.row(ctx, find, []any{issuer, subject}, &id), "identity")
}

// LinkIdentity links an identity to a user, or returns a Conflict if it is linked
// already.
func (db *DB) LinkIdentity(ctx context.Context, id models.UserID, issuer, subject string, now time.Time) error {
	const link = `INSERT INTO oidc_identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)`
	_, err := db.exec(ctx, link, issuer, subject, id, now)
	return db.classify(err, "identity")
}

// LinkProvedIdentity is LinkIdentity for a user who has verified exactly this email
// address and never unlinked an identity. It returns NotFound for other users.
func (db *DB) LinkProvedIdentity(
	ctx context.Context, id models.UserID, issuer, subject string, email models.Email, now time.Time,
) error {
	const link = `
		INSERT INTO oidc_identities (issuer, subject, user_id, created_at)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), id, $3 FROM users
		WHERE id = $4 AND email = $5 AND email_verified_at IS NOT NULL AND unlinked_at IS NULL`
	return db.change(ctx, "user", link, issuer, subject, now, id, email)
}

// LinkOwnIdentity is LinkIdentity for a signed-in user who asked for it. It reports
// false if the identity is linked to any user already, or if the user has most
// identities or is not active.
func (db *DB) LinkOwnIdentity(
	ctx context.Context, id models.UserID, issuer, subject string, most int, now time.Time,
) (made bool, err error) {
	const link = `
		INSERT INTO oidc_identities (issuer, subject, user_id, created_at)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), u.id, $3 FROM users u
		WHERE u.id = $4 AND ` + activeUser + ` AND (SELECT COUNT(*) FROM oidc_identities WHERE user_id = u.id) < $5
		ON CONFLICT (issuer, subject) DO NOTHING`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUser(ctx, id); err != nil {
			return err
		}
		n, err := tx.exec(ctx, link, issuer, subject, now, id, most)
		made = n == 1
		return err
	})
	return made && err == nil, db.classify(err, "identity")
}

// UseIdentity sets when the user last signed in with the identity, or returns
// NotFound if it was unlinked meanwhile.
func (db *DB) UseIdentity(ctx context.Context, id models.UserID, issuer, subject string, now time.Time) error {
	const use = `UPDATE oidc_identities SET last_used_at = $1 WHERE issuer = $2 AND subject = $3 AND user_id = $4`
	return db.change(ctx, "identity", use, now, issuer, subject, id)
}

// LinksOf returns the user's links, oldest first.
func (db *DB) LinksOf(ctx context.Context, id models.UserID) (links []models.LinkedIdentity, err error) {
	const find = `
		SELECT issuer, subject, created_at, last_used_at FROM oidc_identities WHERE user_id = $1 ORDER BY created_at, issuer, subject`
	links, err = list(ctx, db, find, []any{id}, func(l *models.LinkedIdentity) []any {
		return []any{&l.Issuer, &l.Subject, &l.CreatedAt, &l.LastUsedAt}
	})
	return links, db.classify(err, "identity")
}

// Unlink unlinks an identity of owner's and reports true. It reports false if owner
// could not sign in any more: with a password that they know, a passkey, or another
// identity at the current provider. It returns NotFound if the identity is not owner's.
func (db *DB) Unlink(ctx context.Context, owner models.UserID, issuer, subject, provider string, now time.Time) (gone bool, err error) {
	const unlink = `
		DELETE FROM oidc_identities WHERE issuer = $1 AND subject = $2 AND user_id = $3 AND (
			EXISTS (SELECT 1 FROM users WHERE id = $3 AND NOT no_password) OR EXISTS (SELECT 1 FROM passkeys WHERE user_id = $3)
			OR EXISTS (SELECT 1 FROM oidc_identities o WHERE o.user_id = $3 AND o.issuer = $4 AND (o.issuer <> $1 OR o.subject <> $2)))`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUser(ctx, owner); err != nil {
			return err
		}
		n, err := tx.exec(ctx, unlink, issuer, subject, owner, provider)
		if err != nil {
			return err
		}
		if gone = n == 1; gone {
			return tx.change(ctx, "user", `UPDATE users SET unlinked_at = $1 WHERE id = $2`, now, owner)
		}
		var theirs bool
		const find = `SELECT EXISTS (SELECT 1 FROM oidc_identities WHERE issuer = $1 AND subject = $2 AND user_id = $3)`
		if err := tx.row(ctx, find, []any{issuer, subject, owner}, &theirs); err != nil || theirs {
			return err
		}
		return notFound("link")
	})
	return gone && err == nil, db.classify(err, "link")
}

// lockUser makes transactions that count what the user has wait for each other.
func (db *DB) lockUser(ctx context.Context, id models.UserID) error {
	return db.change(ctx, "user", `UPDATE users SET updated_at = updated_at WHERE id = $1`, id)
}
