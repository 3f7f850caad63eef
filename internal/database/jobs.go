package database

import (
	"context"
	"database/sql"
)

// HoldJob locks the job until the transaction ends, or returns NotFound.
func (db *DB) HoldJob(ctx context.Context, id int64) error {
	return db.change(ctx, "job", `UPDATE river_job SET attempt = attempt WHERE id = $1`, id)
}

// ForgetTries resets the attempts of a job.
func (db *DB) ForgetTries(ctx context.Context, id int64) error {
	return db.change(ctx, "job", `UPDATE river_job SET attempt = 0 WHERE id = $1`, id)
}

// CountJobs counts the unfinished jobs by their state in River.
func (db *DB) CountJobs(ctx context.Context) (map[string]int64, error) {
	const count = `
		SELECT CAST(state AS TEXT), COUNT(*) FROM river_job
		WHERE state IN ('available', 'cancelled', 'discarded', 'pending', 'retryable', 'running', 'scheduled') GROUP BY state`
	counts := map[string]int64{}
	err := db.rows(ctx, count, nil, func(rows *sql.Rows) error {
		var state string
		var n int64
		err := rows.Scan(&state, &n)
		counts[state] = n
		return err
	})
	return counts, db.classify(err, "job")
}
