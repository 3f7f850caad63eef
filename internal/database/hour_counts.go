package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
)

// AddHourCounts adds all counts to the stored ones, or none. To avoid deadlocks,
// callers sort them by hour and kind.
func (db *DB) AddHourCounts(ctx context.Context, counts []models.HourCount) error {
	const add = `
		INSERT INTO hour_counts (hour, kind, n) VALUES ($1, $2, $3)
		ON CONFLICT (hour, kind) DO UPDATE SET n = hour_counts.n + excluded.n`
	return db.Tx(ctx, func(tx *DB) error {
		for _, c := range counts {
			if _, err := tx.exec(ctx, add, c.Hour, c.Kind, c.N); err != nil {
				return tx.classify(err, "count")
			}
		}
		return nil
	})
}

// HourCounts returns the counts of the hours since a time, oldest first.
func (db *DB) HourCounts(ctx context.Context, since time.Time) (counts []models.HourCount, err error) {
	const find = `SELECT hour, kind, n FROM hour_counts WHERE hour >= $1 ORDER BY hour, kind`
	err = db.rows(ctx, find, []any{since}, func(rows *sql.Rows) error {
		var c models.HourCount
		err := rows.Scan(&c.Hour, &c.Kind, &c.N)
		c.Hour = c.Hour.UTC()
		counts = append(counts, c)
		return err
	})
	return counts, db.classify(err, "count")
}

// DeleteHourCountsBefore removes the counts of the hours before then.
func (db *DB) DeleteHourCountsBefore(ctx context.Context, then time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM hour_counts WHERE hour < $1`, then)
	return db.classify(err, "count")
}
