package database

import "context"

// HoldJob keeps everybody else from the job until the transaction ends, or
// returns NotFound.
func (db *DB) HoldJob(ctx context.Context, id int64) error {
	return db.change(ctx, "job", `UPDATE river_job SET attempt = attempt WHERE id = $1`, id)
}

// ForgetTries gives a job all its tries again.
func (db *DB) ForgetTries(ctx context.Context, id int64) error {
	return db.change(ctx, "job", `UPDATE river_job SET attempt = 0 WHERE id = $1`, id)
}
