package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What this package puts into the audit log.
const (
	ActionRetry  models.AuditAction = "job.retry"
	ActionCancel models.AuditAction = "job.cancel"
)

// maxError is how much of an error the panel shows, in bytes.
const maxError = 300

// riverStates are River's states, by ours.
var riverStates = map[models.JobState][]rivertype.JobState{
	models.JobWaiting: {rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStatePending},
	models.JobRunning: {rivertype.JobStateRunning},
	models.JobFailing: {rivertype.JobStateRetryable},
	models.JobGivenUp: {rivertype.JobStateCancelled, rivertype.JobStateDiscarded},
}

// List returns up to n jobs in the state, newest first, and those before the job
// with the number before, unless it is 0. No state: all that are not done.
func (q *Queue) List(ctx context.Context, state models.JobState, before int64, n int) ([]models.QueuedJob, error) {
	var states []rivertype.JobState
	for _, one := range models.JobStates() {
		if state == "" || state == one {
			states = append(states, riverStates[one]...)
		}
	}
	if states == nil {
		return nil, problem.OnField("state", "Unknown state.")
	}
	params := river.NewJobListParams().States(states...).OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(n)
	if before > 0 {
		params = params.Where("id < @before", river.NamedArgs{"before": before})
	}
	found, err := q.client.JobList(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	list := make([]models.QueuedJob, len(found.Jobs))
	for i, row := range found.Jobs {
		list[i] = queued(row)
	}
	return list, nil
}

// Count returns how many jobs are in each state.
func (q *Queue) Count(ctx context.Context) (map[models.JobState]int64, error) {
	rivers, err := q.db.CountJobs(ctx)
	counts := make(map[models.JobState]int64, len(riverStates))
	for ours, states := range riverStates {
		for _, state := range states {
			counts[ours] += rivers[string(state)]
		}
	}
	return counts, err
}

// queued returns a row as the panel shows it.
func queued(row *rivertype.JobRow) models.QueuedJob {
	job := models.QueuedJob{ID: row.ID, Kind: row.Kind, Tries: row.Attempt, NextAt: row.ScheduledAt}
	for ours, states := range riverStates {
		for _, state := range states {
			if row.State == state {
				job.State = ours
			}
		}
	}
	if row.FinalizedAt != nil {
		job.NextAt = *row.FinalizedAt
	}
	if len(row.Errors) > 0 {
		text, _, _ := strings.Cut(row.Errors[len(row.Errors)-1].Error, "\n")
		job.Error = strings.ToValidUTF8(text[:min(len(text), maxError)], "")
	}
	return job
}

// Retry runs a job that failed or was given up at once; one that was given up gets
// all its attempts again.
func (q *Queue) Retry(ctx context.Context, who models.Actor, id int64, now time.Time) error {
	event := who.Did(ActionRetry, models.JobObject(id), "")
	return q.change(ctx, event, id, now, models.QueuedJob.MayRetry, func(tx *database.DB, job models.QueuedJob) error {
		if job.State == models.JobGivenUp {
			if err := tx.ForgetTries(ctx, id); err != nil {
				return err
			}
		}
		return q.client.retry(ctx, tx, id)
	})
}

// Cancel gives up a job that waits.
func (q *Queue) Cancel(ctx context.Context, who models.Actor, id int64, now time.Time) error {
	event := who.Did(ActionCancel, models.JobObject(id), "")
	return q.change(ctx, event, id, now, models.QueuedJob.MayCancel, func(tx *database.DB, _ models.QueuedJob) error {
		return q.client.cancel(ctx, tx, id)
	})
}

// change locks the job, runs do if may allows it, and records the event.
func (q *Queue) change(ctx context.Context, event models.AuditEvent, id int64, now time.Time,
	may func(models.QueuedJob) bool, do func(*database.DB, models.QueuedJob) error,
) error {
	err := q.db.Tx(ctx, func(tx *database.DB) error {
		if err := tx.HoldJob(ctx, id); err != nil {
			return err
		}
		row, err := q.client.get(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("reading job %d: %w", id, err)
		}
		job := queued(row)
		if !may(job) {
			return problem.New(problem.Conflict, "The job has changed. Reload the page.")
		}
		if err := do(tx, job); err != nil {
			return fmt.Errorf("changing job %d: %w", id, err)
		}
		event.Detail, event.At = job.Kind, now
		return tx.AppendAuditEvent(ctx, event)
	})
	if errors.Is(err, rivertype.ErrNotFound) {
		return problem.New(problem.NotFound, "Job not found.")
	}
	return err
}
