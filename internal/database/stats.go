package database

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"example.org/cloakroom/internal/models"
)

// PoolStats is the state of the connections to the database.
type PoolStats struct {
	Open, InUse, Most int
	Waits             int64         // for a free connection, since the start
	Waited            time.Duration // all of them together
}

// PoolStats returns the state of the connections, for the metrics.
func (db *DB) PoolStats() PoolStats {
	if db.pgx != nil {
		s := db.pgx.Stat()
		return PoolStats{
			Open: int(s.TotalConns()), InUse: int(s.AcquiredConns()), Most: int(s.MaxConns()),
			Waits: s.EmptyAcquireCount(), Waited: s.EmptyAcquireWaitTime(),
		}
	}
	s := db.sql.Stats()
	return PoolStats{Open: s.OpenConnections, InUse: s.InUse, Most: s.MaxOpenConnections, Waits: s.WaitCount, Waited: s.WaitDuration}
}

// CountJobKinds counts the jobs by kind and state. Of more than most jobs it counts some
// most, so that it is as fast when there are very many.
func (db *DB) CountJobKinds(ctx context.Context, most int) (counts []models.JobCount, err error) {
	const count = `
		SELECT kind, state, COUNT(*) FROM (SELECT kind, state FROM jobs WHERE state <> 'scheduled' ORDER BY id DESC LIMIT $1) AS counted
		GROUP BY kind, state ORDER BY kind, state`
	counts, err = list(ctx, db, count, []any{most}, func(c *models.JobCount) []any { return []any{&c.Kind, &c.State, &c.Count} })
	return counts, db.classify(err, "job")
}

// OldestDueJob returns when the job that has waited longest was due, or the zero time if no
// job is due now.
func (db *DB) OldestDueJob(ctx context.Context, now time.Time) (at time.Time, err error) {
	const oldest = `SELECT run_at FROM jobs WHERE state <> 'given-up' AND run_at <= $1 ORDER BY run_at LIMIT 1`
	err = db.row(ctx, oldest, []any{now}, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, db.classify(err, "job")
}
