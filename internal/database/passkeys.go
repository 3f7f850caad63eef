package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreatePasskey inserts k and reports true. It reports false if its user already has
// most passkeys. It returns NotFound if there is no such user, and a Conflict if the
// credential is registered already.
func (db *DB) CreatePasskey(ctx context.Context, k *models.Passkey, most int) (made bool, err error) {
	const count = `SELECT COUNT(*) FROM passkeys WHERE user_id = $1`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUser(ctx, k.UserID); err != nil {
			return err
		}
		var n int
		if err := tx.row(ctx, count, []any{k.UserID}, &n); err != nil || n >= most {
			return tx.classify(err, "passkey")
		}
		made = true
		return create(ctx, tx, "passkey", k)
	})
	return made && err == nil, err
}

// PasskeysOf returns the passkeys of the user, newest first.
func (db *DB) PasskeysOf(ctx context.Context, user models.UserID) ([]models.Passkey, error) {
	keys, err := find[models.Passkey](db.gorm.WithContext(ctx).Where("user_id = ?", user).Order("created_at DESC, id"))
	return keys, db.classify(err, "passkey")
}

// UserByCredential returns the user whose passkey has this credential ID, or NotFound.
func (db *DB) UserByCredential(ctx context.Context, credential string) (models.User, error) {
	k, err := take[models.Passkey](ctx, db, "credential_id = ?", credential)
	if err != nil {
		return models.User{}, db.classify(err, "passkey")
	}
	return db.UserByID(ctx, k.UserID)
}

// UsePasskey stores the use of a passkey of the user's and its new sign count. It
// returns NotFound if the stored count is not lower, as for a cloned passkey. An
// authenticator that does not count always sends 0.
func (db *DB) UsePasskey(ctx context.Context, user models.UserID, credential string, count int64, now time.Time) error {
	const use = `
		UPDATE passkeys SET sign_count = $1, last_used_at = $2
		WHERE user_id = $3 AND credential_id = $4 AND (sign_count < $1 OR sign_count = 0 AND $1 = 0)`
	return db.change(ctx, "passkey", use, count, now, user, credential)
}

// DeletePasskey removes a passkey of owner's and reports true; without any second
// factor left, it also removes the recovery codes. It reports false if owner could
// not sign in any more, as Unlink does, and returns NotFound if the passkey is not
// owner's.
func (db *DB) DeletePasskey(ctx context.Context, owner models.UserID, id models.PasskeyID, provider string) (gone bool, err error) {
	const remove = `
		DELETE FROM passkeys WHERE id = $1 AND user_id = $2 AND (
			EXISTS (SELECT 1 FROM users WHERE id = $2 AND NOT no_password)
			OR EXISTS (SELECT 1 FROM passkeys o WHERE o.user_id = $2 AND o.id <> $1)
			OR EXISTS (SELECT 1 FROM oidc_identities WHERE user_id = $2 AND issuer = $3))`
	const find = `SELECT EXISTS (SELECT 1 FROM passkeys WHERE id = $1 AND user_id = $2)`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUser(ctx, owner); err != nil {
			return err
		}
		n, err := tx.exec(ctx, remove, id, owner, provider)
		if err != nil {
			return err
		}
		if gone = n == 1; gone {
			return tx.deleteUnneededCodes(ctx, owner)
		}
		var theirs bool
		if err := tx.row(ctx, find, []any{id, owner}, &theirs); err != nil || theirs {
			return err
		}
		return notFound("passkey")
	})
	return gone && err == nil, db.classify(err, "passkey")
}

// CreatePasskeyChallenge stores c until it is answered.
func (db *DB) CreatePasskeyChallenge(ctx context.Context, c *models.PasskeyChallenge) error {
	return create(ctx, db, "challenge", c)
}

// SpendPasskeyChallenge returns, once, the state to check the answer to a challenge
// against. It returns NotFound if the challenge has expired or had another purpose.
func (db *DB) SpendPasskeyChallenge(ctx context.Context, hash models.SecretHash, askedFor string, now time.Time) (state []byte, err error) {
	const spend = `DELETE FROM passkey_challenges WHERE hash = $1 AND asked_for = $2 AND expires_at > $3 RETURNING state`
	err = db.Tx(ctx, func(tx *DB) error { // a transaction, because row does not wait for other writers on SQLite
		return tx.row(ctx, spend, []any{hash, askedFor, now}, &state)
	})
	return state, db.classify(err, "challenge")
}
