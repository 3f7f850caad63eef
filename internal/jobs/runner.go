package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	// rescueAfter is when a job that somebody began is taken for one whose
	// process was killed. Only past the timeout of its kind is it tried again, so
	// none runs twice at once unless it ignores its context. The leader looks
	// every 30 seconds, and a dead leader is replaced within 20: a picture that
	// a killed process left behind is taken up within three minutes of its start.
	rescueAfter = 2 * time.Minute

	// pollEvery is how often a queue is asked what is due, should the
	// notification that a job was added be lost.
	pollEvery = time.Second

	// sideWorkers is how many jobs that are no images run at once.
	sideWorkers = 4

	// lastMoments is how long jobs that are told to stop have to do so.
	lastMoments = 5 * time.Second
)

// A Runner does the jobs. Several runners may share a database: each job is
// done by one of them, and of those that come round every hour one of them
// sees to it.
type Runner struct {
	DB           *database.DB
	Log          *slog.Logger
	ImageWorkers int // images processed at once

	workers *river.Workers
	kinds   []models.Job
	errs    []error
	client  client
}

// Handle lets do do the jobs of kind T. A job that fails or panics is tried
// again later, a number of times; do must not mind if it had been done. Call
// it before Start.
func Handle[T models.Job](r *Runner, do func(ctx context.Context, job T) error) {
	HandleOr(r, do, nil)
}

// HandleOr is Handle, with a last word: when no attempt is left, gaveUp is
// called with why, also if it was the process that ended each time. It is
// called again if it fails.
func HandleOr[T models.Job](r *Runner, do func(ctx context.Context, job T) error, gaveUp func(ctx context.Context, job T, why error) error) {
	if r.workers == nil {
		r.workers = river.NewWorkers()
	}
	var kind T
	err := river.AddWorkerSafely(r.workers, &worker[T]{do: do, gaveUp: gaveUp, rule: ruleOf(kind.Kind()), log: r.Log})
	r.errs = append(r.errs, err)
	r.kinds = append(r.kinds, kind)
}

// Start begins to do jobs, until Stop. The end of ctx does not stop them.
func (r *Runner) Start(ctx context.Context) error {
	if err := errors.Join(r.errs...); err != nil {
		return fmt.Errorf("registering the jobs: %w", err)
	}
	client, err := newClient(r.DB, &river.Config{
		Logger:               warnings(r.Log),
		Workers:              r.workers,
		PeriodicJobs:         r.periodic(),
		FetchPollInterval:    pollEvery,
		RescueStuckJobsAfter: rescueAfter,
		Queues: map[string]river.QueueConfig{
			queueImages:  {MaxWorkers: max(1, r.ImageWorkers)},
			queueDefault: {MaxWorkers: sideWorkers},
		},
	})
	if err != nil {
		return err
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the jobs: %w", err)
	}
	r.client = client
	return nil
}

// periodic lists the jobs that come round, of the kinds that somebody does.
func (r *Runner) periodic() (jobs []*river.PeriodicJob) {
	for _, job := range r.kinds {
		rule := ruleOf(job.Kind())
		if rule.every == 0 {
			continue
		}
		construct := func() (river.JobArgs, *river.InsertOpts) {
			return job, rule.options()
		}
		jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(rule.every), construct,
			&river.PeriodicJobOpts{ID: job.Kind(), RunOnStart: true}))
	}
	return jobs
}

// Stop takes no more jobs and waits for those that run. When ctx ends first it
// cancels them; they are tried again by whoever starts next.
func (r *Runner) Stop(ctx context.Context) error {
	if r.client == nil {
		return nil
	}
	if err := r.client.Stop(ctx); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoments)
	defer cancel()
	if err := r.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stopping the jobs: %w", err)
	}
	return nil
}
