package jobs

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What this package puts into the audit log.
const (
	ActionRetry  models.AuditAction = "job.retry"
	ActionCancel models.AuditAction = "job.cancel"
)

// List returns up to n jobs in the state, newest first, and those before the job
// with the number before, unless it is 0. No state: all of them. A periodic job is
// listed while it runs or has failed.
func (q *Queue) List(ctx context.Context, state models.JobState, before int64, n int) ([]models.QueuedJob, error) {
	if state != "" && !slices.Contains(models.JobStates(), state) {
		return nil, problem.OnField("state", "Unknown state.")
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	return q.DB.Jobs(ctx, state, before, n)
}

// Count returns how many jobs are in each state.
func (q *Queue) Count(ctx context.Context) (map[models.JobState]int64, error) {
	return q.DB.CountJobs(ctx)
}

// maxCounted is how many jobs Load counts at most.
const maxCounted = 10_000

// Load returns how many jobs of each kind are in each state, counting up to 10,000 jobs, and
// how long the oldest job that is due has waited, for the metrics.
func (q *Queue) Load(ctx context.Context) (counts []models.JobCount, late time.Duration, err error) {
	if counts, err = q.DB.CountJobKinds(ctx, maxCounted); err != nil {
		return nil, 0, err
	}
	now := q.Now()
	due, err := q.DB.OldestDueJob(ctx, precise(now))
	if err != nil || due.IsZero() {
		return counts, 0, err
	}
	return counts, now.Sub(due), nil
}

// Retry runs a job that failed or was given up at once; one that was given up gets
// all its attempts again.
func (q *Queue) Retry(ctx context.Context, who models.Actor, id int64, now time.Time) error {
	event := who.Did(ActionRetry, models.JobObject(id), "")
	return q.change(ctx, event, id, now, models.QueuedJob.MayRetry, func(tx *database.DB, _ models.QueuedJob) error {
		return tx.RetryJob(ctx, id, precise(q.Now()))
	})
}

// Cancel gives up a job that waits. One that is periodic waits for its next hour, and has all
// its attempts then.
func (q *Queue) Cancel(ctx context.Context, who models.Actor, id int64, now time.Time) error {
	event := who.Did(ActionCancel, models.JobObject(id), "")
	return q.change(ctx, event, id, now, models.QueuedJob.MayCancel, func(tx *database.DB, job models.QueuedJob) error {
		return tx.CancelJob(ctx, id, precise(q.Now()).Add(ruleOf(job.Kind).every))
	})
}

// change locks the job, runs do if may allows it, and records the event.
func (q *Queue) change(ctx context.Context, event models.AuditEvent, id int64, now time.Time,
	may func(models.QueuedJob) bool, do func(*database.DB, models.QueuedJob) error,
) error {
	return q.DB.Tx(ctx, func(tx *database.DB) error {
		job, err := tx.HoldJob(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			return problem.New(problem.NotFound, "Job not found.")
		}
		if err != nil {
			return err
		}
		if !may(job) {
			return problem.New(problem.Conflict, "The job has changed. Reload the page.")
		}
		if err := do(tx, job); err != nil {
			return fmt.Errorf("changing job %d: %w", id, err)
		}
		event.Detail, event.At = job.Kind, now
		return tx.AppendAuditEvent(ctx, event)
	})
}
