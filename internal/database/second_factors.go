package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// BeginTOTP stores f, in place of an unconfirmed one. It returns a Conflict if there
// is a confirmed one.
func (db *DB) BeginTOTP(ctx context.Context, f models.TOTPFactor) error {
	const begin = `
		INSERT INTO totp_factors (user_id, sealed, step, misses, missed_at, created_at) VALUES ($1, $2, 0, 0, $3, $4)
		ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at
		WHERE totp_factors.confirmed_at IS NULL`
	n, err := db.exec(ctx, begin, f.UserID, f.Sealed, f.CreatedAt, f.CreatedAt)
	if err == nil && n == 0 {
		return problem.New(problem.Conflict, "Your authenticator app is already set up.")
	}
	return db.classify(err, "second factor")
}

// CancelTOTP removes the authenticator app that the user is setting up, if there is one.
func (db *DB) CancelTOTP(ctx context.Context, id models.UserID) error {
	_, err := db.exec(ctx, `DELETE FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NULL`, id)
	return db.classify(err, "second factor")
}

// TOTPOf returns the factor of the user, confirmed or not, or NotFound.
func (db *DB) TOTPOf(ctx context.Context, id models.UserID) (f models.TOTPFactor, err error) {
	const find = `SELECT user_id, sealed, step, created_at, confirmed_at FROM totp_factors WHERE user_id = $1`
	err = db.row(ctx, find, []any{id}, &f.UserID, &f.Sealed, &f.Step, &f.CreatedAt, &f.ConfirmedAt)
	return f, db.classify(err, "second factor")
}

// AnyTOTP returns the factor of any user, or NotFound if there is none.
func (db *DB) AnyTOTP(ctx context.Context) (f models.TOTPFactor, err error) {
	err = db.row(ctx, `SELECT user_id, sealed FROM totp_factors ORDER BY user_id LIMIT 1`, nil, &f.UserID, &f.Sealed)
	return f, db.classify(err, "second factor")
}

// ConfirmTOTP confirms the factor that the user is setting up, with the code of a
// step, or returns NotFound.
func (db *DB) ConfirmTOTP(ctx context.Context, id models.UserID, step int64, now time.Time) error {
	const confirm = `UPDATE totp_factors SET step = $1, confirmed_at = $2 WHERE user_id = $3 AND confirmed_at IS NULL`
	return db.change(ctx, "second factor", confirm, step, now, id)
}

// SpendTOTP accepts the code of a step, or returns NotFound if the code of this or a
// later step was accepted already.
func (db *DB) SpendTOTP(ctx context.Context, id models.UserID, step int64) error {
	const spend = `UPDATE totp_factors SET step = $1, misses = 0 WHERE user_id = $2 AND step < $1 AND confirmed_at IS NOT NULL`
	return db.change(ctx, "second factor", spend, step, id)
}

// CountFactorTry counts an attempt to enter a code of the user's and reports true.
// It reports false after most attempts, until a window has passed since the first of them.
func (db *DB) CountFactorTry(ctx context.Context, id models.UserID, most int, now time.Time, window time.Duration) (bool, error) {
	const count = `
		UPDATE totp_factors SET
			misses = CASE WHEN misses = 0 OR missed_at <= $1 THEN 1 ELSE misses + 1 END,
			missed_at = CASE WHEN misses = 0 OR missed_at <= $1 THEN $2 ELSE missed_at END
		WHERE user_id = $3 AND confirmed_at IS NOT NULL AND (missed_at <= $1 OR misses < $4)`
	n, err := db.exec(ctx, count, now.Add(-window), now, id, most)
	return n == 1, db.classify(err, "second factor")
}

// ForgetFactorTries gives the user all attempts to enter a code again.
func (db *DB) ForgetFactorTries(ctx context.Context, id models.UserID) error {
	_, err := db.exec(ctx, `UPDATE totp_factors SET misses = 0 WHERE user_id = $1`, id)
	return db.classify(err, "second factor")
}

// hasFactor is true if the user u must give a second factor to sign in.
const hasFactor = `(EXISTS (SELECT 1 FROM totp_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
	OR EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = u.id))`

// HasFactor reports whether the user must give a second factor to sign in.
func (db *DB) HasFactor(ctx context.Context, id models.UserID) (has bool, err error) {
	const find = `SELECT EXISTS (SELECT 1 FROM users u WHERE u.id = $1 AND ` + hasFactor + `)`
	err = db.row(ctx, find, []any{id}, &has)
	return has, db.classify(err, "second factor")
}

// DeleteFactors removes all second factors of the user, confirmed or not, and their
// recovery codes, or returns NotFound if there is none.
func (db *DB) DeleteFactors(ctx context.Context, id models.UserID) error {
	return db.Tx(ctx, func(tx *DB) error {
		codes, err := tx.exec(ctx, `DELETE FROM totp_factors WHERE user_id = $1`, id)
		if err != nil {
			return tx.classify(err, "second factor")
		}
		keys, err := tx.exec(ctx, `DELETE FROM passkeys WHERE user_id = $1`, id)
		if err != nil {
			return tx.classify(err, "passkey")
		}
		if codes+keys == 0 {
			return notFound("second factor")
		}
		return tx.deleteUnneededCodes(ctx, id)
	})
}

// DeleteTOTP removes the user's authenticator app, or returns NotFound.
func (db *DB) DeleteTOTP(ctx context.Context, id models.UserID) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "second factor", `DELETE FROM totp_factors WHERE user_id = $1`, id); err != nil {
			return err
		}
		return tx.deleteUnneededCodes(ctx, id)
	})
}

// deleteUnneededCodes removes the recovery codes of a user who has no second factor.
func (db *DB) deleteUnneededCodes(ctx context.Context, id models.UserID) error {
	const remove = `
		DELETE FROM recovery_codes WHERE user_id = $1
			AND NOT EXISTS (SELECT 1 FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL)
			AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)`
	_, err := db.exec(ctx, remove, id)
	return db.classify(err, "recovery code")
}

// ReplaceRecoveryCodes replaces all recovery codes of the user.
func (db *DB) ReplaceRecoveryCodes(ctx context.Context, id models.UserID, codes []models.SecretHash) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, id); err != nil {
			return tx.classify(err, "recovery code")
		}
		for _, hash := range codes {
			if _, err := tx.exec(ctx, `INSERT INTO recovery_codes (hash, user_id) VALUES ($1, $2)`, hash, id); err != nil {
				return tx.classify(err, "recovery code")
			}
		}
		return nil
	})
}

// SpendRecoveryCode uses a recovery code of the user's up, or returns NotFound.
func (db *DB) SpendRecoveryCode(ctx context.Context, id models.UserID, code models.SecretHash) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "recovery code", `DELETE FROM recovery_codes WHERE hash = $1 AND user_id = $2`, code, id); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE totp_factors SET misses = 0 WHERE user_id = $1`, id)
		return tx.classify(err, "second factor")
	})
}

// CountRecoveryCodes returns how many recovery codes the user has left.
func (db *DB) CountRecoveryCodes(ctx context.Context, id models.UserID) (n int, err error) {
	err = db.row(ctx, `SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1`, []any{id}, &n)
	return n, db.classify(err, "recovery code")
}

// CreatePendingLogIn stores that the holder of the secret with this hash gave the
// user's password.
func (db *DB) CreatePendingLogIn(ctx context.Context, hash models.SecretHash, id models.UserID, expires time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO pending_log_ins (hash, user_id, expires_at) VALUES ($1, $2, $3)`, hash, id, expires)
	return db.classify(err, "sign-in")
}

// PendingLogIn returns the user who must still give a second factor. It returns
// NotFound if the sign-in has expired or the user is suspended.
func (db *DB) PendingLogIn(ctx context.Context, hash models.SecretHash, now time.Time) (u models.User, err error) {
	const find = `
		SELECT u.id, u.username FROM pending_log_ins p JOIN users u ON u.id = p.user_id
		WHERE p.hash = $1 AND p.expires_at > $2 AND u.suspended_at IS NULL`
	err = db.row(ctx, find, []any{hash, now}, &u.ID, &u.Username)
	return u, db.classify(err, "sign-in")
}

// SpendPendingLogIn uses the pending sign-in up, or returns NotFound.
func (db *DB) SpendPendingLogIn(ctx context.Context, hash models.SecretHash, now time.Time) error {
	return db.change(ctx, "sign-in", `DELETE FROM pending_log_ins WHERE hash = $1 AND expires_at > $2`, hash, now)
}
