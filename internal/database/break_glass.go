package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
)

// BreakGlass lets g's admin see g's object until g's end. It reports false if
// they may already.
func (db *DB) BreakGlass(ctx context.Context, g models.BreakGlass) (bool, error) {
	const open = `
		INSERT INTO break_glass (id, admin_id, object, why, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (object, admin_id) DO UPDATE
		SET id = excluded.id, why = excluded.why, created_at = excluded.created_at, expires_at = excluded.expires_at
		WHERE break_glass.expires_at <= excluded.created_at`
	n, err := db.exec(ctx, open, g.ID, g.AdminID, g.Object, g.Why, g.CreatedAt, g.ExpiresAt)
	return n == 1, db.classify(err, "admin")
}

// BrokenGlass returns up to limit of those who may see the object by break-glass
// now, the last one first.
func (db *DB) BrokenGlass(ctx context.Context, object string, now time.Time, limit int) (views []models.BreakGlassView, err error) {
	const find = `
		SELECT g.id, g.admin_id, g.object, g.why, g.created_at, g.expires_at, a.username
		FROM break_glass g JOIN users a ON a.id = g.admin_id
		WHERE g.object = $1 AND g.expires_at > $2 AND ` + activeAdmin + `
		ORDER BY g.created_at DESC, g.id DESC LIMIT $3`
	err = db.rows(ctx, find, []any{object, now, limit}, func(rows *sql.Rows) error {
		var v models.BreakGlassView
		err := rows.Scan(&v.ID, &v.AdminID, &v.Object, &v.Why, &v.CreatedAt, &v.ExpiresAt, &v.Admin)
		views = append(views, v)
		return err
	})
	return views, db.classify(err, "admin")
}

// FileByGlass returns the file if the admin may have its bytes by break-glass
// now, or NotFound. Of the file there are the ID, Name, Blob, SHA256 and
// MediaType.
func (db *DB) FileByGlass(ctx context.Context, admin models.UserID, id models.FileID, now time.Time) (models.File, error) {
	const find = `
		SELECT f.name, f.blob, f.sha256, f.media_type
		FROM files f JOIN break_glass g ON g.object = $1 JOIN users a ON a.id = g.admin_id
		WHERE f.id = $2 AND g.admin_id = $3 AND g.expires_at > $4 AND ` + activeAdmin
	f := models.File{ID: id}
	object := models.Subject{Kind: models.SubjectFile, ID: string(id)}.Object()
	err := db.row(ctx, find, []any{object, id, admin, now}, &f.Name, &f.Blob, &f.SHA256, &f.MediaType)
	return f, db.classify(err, "file")
}

// PurgeBreakGlass removes what ended at endedBefore or earlier.
func (db *DB) PurgeBreakGlass(ctx context.Context, endedBefore time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM break_glass WHERE expires_at <= $1`, endedBefore)
	return db.classify(err, "admin")
}

// OpenReportOn returns the open report about the object, or NotFound.
func (db *DB) OpenReportOn(ctx context.Context, object string) (id models.ReportID, err error) {
	err = db.row(ctx, `SELECT id FROM reports WHERE object = $1 AND decided_at IS NULL`, []any{object}, &id)
	return id, db.classify(err, "report")
}
