package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// LimitEdits returns what admins changed in the policy of limits: at most a few
// for each act.
func (db *DB) LimitEdits(ctx context.Context) (edits []models.LimitEdit, err error) {
	err = db.rows(ctx, `SELECT entry, value, updated_at FROM limit_edits ORDER BY entry`, nil, func(rows *sql.Rows) error {
		var e models.LimitEdit
		err := rows.Scan(&e.Entry, &e.Value, &e.UpdatedAt)
		edits = append(edits, e)
		return err
	})
	return edits, db.classify(err, "limit")
}

// SetLimitEdit keeps e, or forgets it if it has no value.
func (db *DB) SetLimitEdit(ctx context.Context, e models.LimitEdit) error {
	const set = `
		INSERT INTO limit_edits (entry, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (entry) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`
	var err error
	if e.Value == "" {
		_, err = db.exec(ctx, `DELETE FROM limit_edits WHERE entry = $1`, e.Entry)
	} else {
		_, err = db.exec(ctx, set, e.Entry, e.Value, e.UpdatedAt)
	}
	return db.classify(err, "limit")
}

// DeleteLimitEdits forgets all edits, and returns how many there were.
func (db *DB) DeleteLimitEdits(ctx context.Context) (int64, error) {
	n, err := db.exec(ctx, `DELETE FROM limit_edits`)
	return n, db.classify(err, "limit")
}
