package database

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"example.org/cloakroom/internal/models"
)

var errOutside = errors.New("jobs are added inside a transaction only")

// addJob is for both statements that insert a job. A kind has one periodic row at most.
const addJob = `
	INSERT INTO jobs (kind, args, queue, priority, periodic, state, tries, run_at, error)
	VALUES ($1, $2, $3, $4, $5, $6, 0, $7, '') ON CONFLICT DO NOTHING`

// AddJob inserts a job as part of the open transaction, after whose end the runners of
// its queue are woken. It fails outside a transaction.
func (db *DB) AddJob(ctx context.Context, job models.NewJob) error {
	if !db.inTx() {
		return errOutside
	}
	_, err := db.exec(ctx, addJob, job.Kind, job.Args, job.Queue, job.Priority, false, models.JobWaiting, job.RunAt)
	db.wakeJobs(job.Queue)
	return db.classify(err, "job")
}

// AddPeriodicJobs inserts the rows of those kinds that have none yet.
func (db *DB) AddPeriodicJobs(ctx context.Context, jobs []models.NewJob) error {
	known, err := column[string](ctx, db, `SELECT kind FROM jobs WHERE periodic`)
	if err != nil {
		return db.classify(err, "job")
	}
	have := map[string]bool{}
	for _, kind := range known {
		have[kind] = true
	}
	missing := jobs[:0:0]
	for _, job := range jobs {
		if !have[job.Kind] {
			missing = append(missing, job)
		}
	}
	if len(missing) == 0 {
		return nil // and nothing is written
	}
	return db.Tx(ctx, func(tx *DB) error {
		for _, job := range missing {
			_, err := tx.exec(ctx, addJob, job.Kind, job.Args, job.Queue, job.Priority, true, models.JobScheduled, job.RunAt)
			if err != nil {
				return tx.classify(err, "job")
			}
			tx.wakeJobs(job.Queue)
		}
		return nil
	})
}

// ClaimJob returns the next job of the queue that is due, as one that runs until then,
// or reports false if no job is due.
func (db *DB) ClaimJob(ctx context.Context, queue string, now, until time.Time) (job models.ClaimedJob, found bool, err error) {
	// A look costs no turn to write, and most find nothing.
	const look = `SELECT EXISTS (SELECT 1 FROM jobs WHERE queue = $1 AND state <> 'given-up' AND run_at <= $2)`
	if err := db.row(ctx, look, []any{queue, now}, &found); err != nil || !found {
		return job, false, db.classify(err, "job")
	}
	const claim = `
		UPDATE jobs SET state = 'running', tries = tries + 1, run_at = $1
		WHERE id = (SELECT id FROM jobs WHERE queue = $2 AND state <> 'given-up' AND run_at <= $3
			ORDER BY priority, run_at, id LIMIT 1`
	const claimed = `) RETURNING id, kind, args, periodic, tries`
	query := claim + claimed
	if db.dialect == Postgres {
		query = claim + ` FOR UPDATE SKIP LOCKED` + claimed
	}
	job.Queue = queue
	err = db.write(ctx, func(db *DB) error {
		return db.row(ctx, query, []any{until, queue, now}, &job.ID, &job.Kind, &job.Args, &job.Periodic, &job.Try)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return job, false, nil
	}
	return job, err == nil, db.classify(err, "job")
}

// NextJob returns when the next job of any queue is due after now; zero: never.
func (db *DB) NextJob(ctx context.Context, now time.Time) (at time.Time, err error) {
	const next = `SELECT run_at FROM jobs WHERE state <> 'given-up' AND run_at > $1 ORDER BY run_at LIMIT 1`
	err = db.row(ctx, next, []any{now}, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, db.classify(err, "job")
}

// mine is the condition that a claimed job still belongs to its process.
const mine = ` AND state = 'running' AND tries = `

// DeleteJob removes a job that is done, if it still belongs to this process.
func (db *DB) DeleteJob(ctx context.Context, job models.ClaimedJob) error {
	_, err := db.exec(ctx, `DELETE FROM jobs WHERE id = $1`+mine+`$2`, job.ID, job.Try)
	return db.classify(err, "job")
}

// PutJobBack makes a job wait until runAt, with that number of tries behind it, if it still
// belongs to this process.
func (db *DB) PutJobBack(
	ctx context.Context, job models.ClaimedJob, state models.JobState, tries int, runAt time.Time, message string,
) error {
	const put = `UPDATE jobs SET state = $1, tries = $2, run_at = $3, error = $4 WHERE id = $5` + mine + `$6`
	_, err := db.exec(ctx, put, state, tries, runAt, message, job.ID, job.Try)
	db.wakeJobs(job.Queue)
	return db.classify(err, "job")
}

// Jobs returns up to n jobs in the state, newest first, and those before the job with the
// number before. No state: all that are listed.
func (db *DB) Jobs(ctx context.Context, state models.JobState, before int64, n int) ([]models.QueuedJob, error) {
	const columns = `SELECT id, kind, state, tries, error, run_at FROM jobs WHERE `
	query, args := columns+`state <> 'scheduled' AND id < $1 ORDER BY id DESC LIMIT $2`, []any{before, n}
	if state != "" {
		query, args = columns+`state = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, []any{state, before, n}
	}
	jobs, err := list(ctx, db, query, args, jobFields)
	return jobs, db.classify(err, "job")
}

func jobFields(j *models.QueuedJob) []any {
	return []any{&j.ID, &j.Kind, &j.State, &j.Tries, &j.Error, &j.NextAt}
}

// HoldJob locks the job until the transaction ends and returns it, or returns NotFound.
func (db *DB) HoldJob(ctx context.Context, id int64) (job models.QueuedJob, err error) {
	const hold = `UPDATE jobs SET tries = tries WHERE id = $1 RETURNING id, kind, state, tries, error, run_at`
	err = db.write(ctx, func(db *DB) error { return db.row(ctx, hold, []any{id}, jobFields(&job)...) })
	return job, db.classify(err, "job")
}

// RetryJob makes a job due. One that was given up gets all its attempts again.
func (db *DB) RetryJob(ctx context.Context, id int64, now time.Time) error {
	const retry = `
		UPDATE jobs SET state = 'waiting', run_at = $1, tries = CASE WHEN state = 'given-up' THEN 0 ELSE tries END WHERE id = $2`
	err := db.change(ctx, "job", retry, now, id)
	db.wakeJobs("")
	return err
}

// CancelJob gives up a job at that time. One that is periodic waits for it, as if it had not
// been tried; if it waits for its next time already, nothing moves that.
func (db *DB) CancelJob(ctx context.Context, id int64, at time.Time) error {
	const cancel = `
		UPDATE jobs SET state = CASE WHEN periodic THEN 'scheduled' ELSE 'given-up' END,
			run_at = CASE WHEN periodic AND tries = 0 THEN run_at ELSE $1 END, tries = CASE WHEN periodic THEN 0 ELSE tries END
		WHERE id = $2`
	return db.change(ctx, "job", cancel, at, id)
}

// DeleteJobsGivenUp removes the jobs that were given up before then.
func (db *DB) DeleteJobsGivenUp(ctx context.Context, then time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM jobs WHERE state = 'given-up' AND run_at < $1`, then)
	return db.classify(err, "job")
}

// CountJobs counts the jobs by their state.
func (db *DB) CountJobs(ctx context.Context) (map[models.JobState]int64, error) {
	counts := map[models.JobState]int64{}
	err := db.rows(ctx, `SELECT state, COUNT(*) FROM jobs GROUP BY state`, nil, func(rows *sql.Rows) error {
		var state models.JobState
		var n int64
		err := rows.Scan(&state, &n)
		counts[state] = n
		return err
	})
	delete(counts, models.JobScheduled)
	return counts, db.classify(err, "job")
}
