package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// SettingEdits returns the settings that admins changed: at most a few dozen.
func (db *DB) SettingEdits(ctx context.Context) (edits []models.SettingEdit, err error) {
	err = db.rows(ctx, `SELECT name, value, updated_at FROM setting_edits ORDER BY name`, nil, func(rows *sql.Rows) error {
		var e models.SettingEdit
		err := rows.Scan(&e.Name, &e.Value, &e.UpdatedAt)
		edits = append(edits, e)
		return err
	})
	return edits, db.classify(err, "setting")
}

// SettingEditsToChange is SettingEdits for a transaction that changes them. Until it
// ends, other such transactions wait.
func (db *DB) SettingEditsToChange(ctx context.Context) ([]models.SettingEdit, error) {
	if err := db.lockUsers(ctx); err != nil {
		return nil, err
	}
	return db.SettingEdits(ctx)
}

// SetSettingEdit stores e, or removes it if it has no value.
func (db *DB) SetSettingEdit(ctx context.Context, e models.SettingEdit) error {
	const set = `
		INSERT INTO setting_edits (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`
	return db.changing(ctx, TopicSettings, func(tx *DB) (err error) {
		if e.Value == "" {
			_, err = tx.exec(ctx, `DELETE FROM setting_edits WHERE name = $1`, e.Name)
		} else {
			_, err = tx.exec(ctx, set, e.Name, e.Value, e.UpdatedAt)
		}
		return tx.classify(err, "setting")
	})
}

// TierCount returns how many users of the tier there are, and how many of them
// have stored more than a quota of before, or of after, bytes.
func (db *DB) TierCount(ctx context.Context, tier models.Tier, before, after int64) (n models.TierCount, err error) {
	const count = `
		SELECT (SELECT COUNT(*) FROM users WHERE tier = $1), (SELECT COUNT(*) FROM users WHERE tier = $1 AND quota IS NOT NULL),
			(SELECT COUNT(*) FROM users WHERE tier = $1 AND quota IS NULL AND storage_used > $2),
			(SELECT COUNT(*) FROM users WHERE tier = $1 AND quota IS NULL AND storage_used > $3)`
	err = db.row(ctx, count, []any{tier, before, after}, &n.Users, &n.OwnQuota, &n.OverBefore, &n.OverAfter)
	return n, db.classify(err, "user")
}
