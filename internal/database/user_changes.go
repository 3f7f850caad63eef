package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// lockUsers makes changes of roles, suspensions, deletions and settings wait for
// each other until the transaction ends. It locks the head of the audit log, which
// they all write to anyway.
func (db *DB) lockUsers(ctx context.Context) error {
	return db.change(ctx, "audit event", `UPDATE audit_head SET seq = seq WHERE id = 1`)
}

// RoleForUpdate returns the role of the user, which cannot change until the
// transaction ends, or NotFound.
func (db *DB) RoleForUpdate(ctx context.Context, id models.UserID) (role models.Role, err error) {
	if err := db.lockUsers(ctx); err != nil {
		return "", err
	}
	err = db.row(ctx, `SELECT role FROM users WHERE id = $1`, []any{id}, &role)
	return role, db.classify(err, "user")
}

// errLastAdmin is the problem of a change that would leave no active admin.
func errLastAdmin() error {
	return problem.New(problem.Conflict, "This is the last active admin. Promote another user to admin first.")
}

// ChangeRole gives the user a role and ends their sessions. It returns a Conflict
// if no active admin would be left, or if there is no such user.
func (db *DB) ChangeRole(ctx context.Context, id models.UserID, role models.Role) error {
	const change = `
		UPDATE users SET role = $1 WHERE id = $2
			AND ($1 = 'admin' OR role <> 'admin' OR suspended_at IS NOT NULL OR deletion_at IS NOT NULL OR ` + otherAdmin + `)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUsers(ctx); err != nil {
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

// SuspendUser suspends the user and ends their sessions; their API tokens stop
// working until they are reinstated. It returns NotFound if there is no such user or
// they are suspended already, and a Conflict if no active admin would be left.
func (db *DB) SuspendUser(ctx context.Context, id models.UserID, now time.Time) error {
	const suspend = `
		UPDATE users SET suspended_at = $1 WHERE id = $2 AND suspended_at IS NULL
			AND (role <> 'admin' OR deletion_at IS NOT NULL OR ` + otherAdmin + `)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUsers(ctx); err != nil {
			return err
		}
		n, err := tx.exec(ctx, suspend, now, id)
		if err != nil {
			return tx.classify(err, "user")
		}
		if n == 1 {
			return tx.DeleteSessionsOf(ctx, id, "")
		}
		var exists bool
		const find = `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND suspended_at IS NULL)`
		if err := tx.row(ctx, find, []any{id}, &exists); err != nil {
			return tx.classify(err, "user")
		}
		if exists {
			return errLastAdmin()
		}
		return notFound("user")
	})
}

// ReinstateUser ends the suspension of a user, or returns NotFound.
func (db *DB) ReinstateUser(ctx context.Context, id models.UserID) error {
	return db.change(ctx, "user", `UPDATE users SET suspended_at = NULL WHERE id = $1 AND suspended_at IS NOT NULL`, id)
}

// SetQuota gives the user their own quota, in bytes, or for nil the quota of their
// tier. It returns NotFound if there is no such user.
func (db *DB) SetQuota(ctx context.Context, id models.UserID, quota *int64, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET quota = $1, updated_at = $2 WHERE id = $3`, quota, now, id)
}

// CreateResetLink stores a link that sets a new password, and removes all older
// ones of the user.
func (db *DB) CreateResetLink(ctx context.Context, hash models.SecretHash, id models.UserID, expires time.Time) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM reset_links WHERE user_id = $1`, id); err != nil {
			return tx.classify(err, "reset link")
		}
		_, err := tx.exec(ctx, `INSERT INTO reset_links (hash, user_id, expires_at) VALUES ($1, $2, $3)`, hash, id, expires)
		return tx.classify(err, "reset link")
	})
}

// ResetLinkUser returns the user whose password the link sets. It returns NotFound
// if the link has expired or its user is suspended.
func (db *DB) ResetLinkUser(ctx context.Context, hash models.SecretHash, now time.Time) (u models.User, err error) {
	const find = `
		SELECT u.id, u.username FROM reset_links l JOIN users u ON u.id = l.user_id
		WHERE l.hash = $1 AND l.expires_at > $2 AND u.suspended_at IS NULL`
	err = db.row(ctx, find, []any{hash, now}, &u.ID, &u.Username)
	return u, db.classify(err, "reset link")
}

// RedeemResetLink uses the link up. It returns NotFound if the link has expired or
// is used already.
func (db *DB) RedeemResetLink(ctx context.Context, hash models.SecretHash, now time.Time) error {
	return db.change(ctx, "reset link", `DELETE FROM reset_links WHERE hash = $1 AND expires_at > $2`, hash, now)
}
