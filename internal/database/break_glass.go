package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// BreakGlass gives g's admin access to g's object until it expires. It reports false
// if the admin has access already.
func (db *DB) BreakGlass(ctx context.Context, g models.BreakGlass) (bool, error) {
	const open = `
		INSERT INTO break_glass (id, admin_id, object, why, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (object, admin_id) DO UPDATE
		SET id = excluded.id, why = excluded.why, created_at = excluded.created_at, expires_at = excluded.expires_at
		WHERE break_glass.expires_at <= excluded.created_at`
	n, err := db.exec(ctx, open, g.ID, g.AdminID, g.Object, g.Why, g.CreatedAt, g.ExpiresAt)
	return n == 1, db.classify(err, "admin")
}

// BrokenGlass returns up to limit of the accesses to the object that are valid now,
// the latest first.
func (db *DB) BrokenGlass(ctx context.Context, object string, now time.Time, limit int) ([]models.BreakGlassView, error) {
	const find = `
		SELECT g.id, g.admin_id, g.object, g.why, g.created_at, g.expires_at, a.username
		FROM break_glass g JOIN users a ON a.id = g.admin_id
		WHERE g.object = $1 AND g.expires_at > $2 AND ` + activeAdmin + `
		ORDER BY g.created_at DESC, g.id DESC LIMIT $3`
	views, err := list(ctx, db, find, []any{object, now, limit}, func(v *models.BreakGlassView) []any {
		return []any{&v.ID, &v.AdminID, &v.Object, &v.Why, &v.CreatedAt, &v.ExpiresAt, &v.Admin}
	})
	return views, db.classify(err, "admin")
}

// FileByGlass returns the file if the admin has break-glass access to it now, or
// NotFound.
func (db *DB) FileByGlass(ctx context.Context, admin models.UserID, id models.FileID, now time.Time) (f models.File, err error) {
	const find = `
		SELECT ` + fileColumns + `
		FROM files f JOIN break_glass g ON g.object = $1 JOIN users a ON a.id = g.admin_id
		WHERE f.id = $2 AND g.admin_id = $3 AND g.expires_at > $4 AND ` + activeAdmin
	object := models.Subject{Kind: models.SubjectFile, ID: string(id)}.Object()
	err = db.row(ctx, find, []any{object, id, admin, now}, fileFields(&f)...)
	return f, db.classify(err, "file")
}

// PurgeBreakGlass removes the accesses that expired at endedBefore or earlier.
func (db *DB) PurgeBreakGlass(ctx context.Context, endedBefore time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM break_glass WHERE expires_at <= $1`, endedBefore)
	return db.classify(err, "admin")
}

// OpenReportOn returns the open report about the object, or NotFound.
func (db *DB) OpenReportOn(ctx context.Context, object string) (id models.ReportID, err error) {
	err = db.row(ctx, `SELECT id FROM reports WHERE object = $1 AND decided_at IS NULL`, []any{object}, &id)
	return id, db.classify(err, "report")
}
