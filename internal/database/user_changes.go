package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// takeTurn makes whoever changes who may look after the site wait for each
// other: the audit log has one end, and they all write there.
func (db *DB) takeTurn(ctx context.Context) error {
	return db.change(ctx, "audit event", `UPDATE audit_head SET seq = seq WHERE id = 1`)
}

// RoleInTurn returns the role of the user, which nobody changes then until the
// transaction ends; or NotFound.
func (db *DB) RoleInTurn(ctx context.Context, id models.UserID) (role models.Role, err error) {
	if err := db.takeTurn(ctx); err != nil {
		return "", err
	}
	err = db.row(ctx, `SELECT role FROM users WHERE id = $1`, []any{id}, &role)
	return role, db.classify(err, "user")
}

// errLastAdmin is what became of an act that would leave nobody.
func errLastAdmin() error {
	return problem.New(problem.Conflict, "This is the last active admin. Promote another user to admin first.")
}

// ChangeRole gives the user a role and ends their sessions. It returns NotFound
// if there is no such user, and a Conflict if nobody would be an admin then.
func (db *DB) ChangeRole(ctx context.Context, id models.UserID, role models.Role) error {
	const change = `UPDATE users SET role = $1 WHERE id = $2 AND ($1 = 'admin' OR role <> 'admin' OR suspended_at IS NOT NULL OR deletion_at IS NOT NULL OR ` + otherAdmin + `)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.takeTurn(ctx); err != nil {
			return err
		}
		n, err := tx.exec(ctx, change, role, id)
		if err == nil && n == 0 {
			return errLastAdmin()
		}
		if err != nil {
			return tx.classify(err, "user")
		}
		return tx.DeleteSessionsOf(ctx, id, "")
	})
}

// SuspendUser keeps the user out, or returns NotFound if there is none who is
// not kept out already, and a Conflict if no admin could come in then. Their
// sessions end; their API tokens rest.
func (db *DB) SuspendUser(ctx context.Context, id models.UserID, now time.Time) error {
	const suspend = `UPDATE users SET suspended_at = $1 WHERE id = $2 AND suspended_at IS NULL AND (role <> 'admin' OR deletion_at IS NOT NULL OR ` + otherAdmin + `)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.takeTurn(ctx); err != nil {
			return err
		}
		n, err := tx.exec(ctx, suspend, now, id)
		if err != nil {
			return tx.classify(err, "user")
		}
		if n == 1 {
			return tx.DeleteSessionsOf(ctx, id, "")
		}
		var open bool
		if err := tx.row(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND suspended_at IS NULL)`, []any{id}, &open); err != nil {
			return tx.classify(err, "user")
		}
		if open {
			return errLastAdmin()
		}
		return notFound("user")
	})
}

// ReinstateUser lets a suspended user in again, or returns NotFound.
func (db *DB) ReinstateUser(ctx context.Context, id models.UserID) error {
	return db.change(ctx, "user", `UPDATE users SET suspended_at = NULL WHERE id = $1 AND suspended_at IS NOT NULL`, id)
}

// SetQuota gives the user a quota of their own, in bytes, or for nil that of
// their tier. It returns NotFound if there is no such user.
func (db *DB) SetQuota(ctx context.Context, id models.UserID, quota *int64, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET quota = $1, updated_at = $2 WHERE id = $3`, quota, now, id)
}

// CreateResetLink keeps a link that sets a new password, in the place of all
// older ones of the user.
func (db *DB) CreateResetLink(ctx context.Context, hash models.SecretHash, id models.UserID, expires time.Time) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM reset_links WHERE user_id = $1`, id); err != nil {
			return tx.classify(err, "reset link")
		}
		_, err := tx.exec(ctx, `INSERT INTO reset_links (hash, user_id, expires_at) VALUES ($1, $2, $3)`, hash, id, expires)
		return tx.classify(err, "reset link")
	})
}

// ResetLinkUser returns whose password the link sets, or NotFound, also if they
// are suspended.
func (db *DB) ResetLinkUser(ctx context.Context, hash models.SecretHash, now time.Time) (u models.User, err error) {
	const find = `
		SELECT u.id, u.username FROM reset_links l JOIN users u ON u.id = l.user_id
		WHERE l.hash = $1 AND l.expires_at > $2 AND u.suspended_at IS NULL`
	err = db.row(ctx, find, []any{hash, now}, &u.ID, &u.Username)
	return u, db.classify(err, "reset link")
}

// RedeemResetLink uses the link up. It returns NotFound if the link has ended
// or somebody has used it.
func (db *DB) RedeemResetLink(ctx context.Context, hash models.SecretHash, now time.Time) error {
	return db.change(ctx, "reset link", `DELETE FROM reset_links WHERE hash = $1 AND expires_at > $2`, hash, now)
}
