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
	// rescueAfter is the age at which a running job counts as one whose process
	// was killed. It is retried only after the timeout of its kind, so no job runs
	// twice at once unless it ignores its context. The leader checks every 30
	// seconds, and a dead leader is replaced within 20: an image of a killed
	// process is processed again within three minutes of its start.
	rescueAfter = 2 * time.Minute

	// pollEvery is how often a queue is polled, in case the notification of a new
	// job is lost.
	pollEvery = time.Second

	// sideWorkers is how many jobs other than images run at the same time.
	sideWorkers = 4

	// lastMoments is how long jobs have to stop once their context has ended.
	lastMoments = 5 * time.Second
)

// A Runner does the jobs. Several runners can share a database: each job is done
// by one of them, and one of them adds the hourly jobs.
type Runner struct {
	DB           *database.DB
	Log          *slog.Logger
	ImageWorkers int // images processed at once

	workers *river.Workers
	kinds   []models.Job
	errs    []error
	client  client
}

// Handle registers do for the jobs of kind T. A job that fails or panics is
// retried later, a number of times, so do must be idempotent. Call it before Start.
func Handle[T models.Job](r *Runner, do func(ctx context.Context, job T) error) {
	HandleWithFallback(r, do, nil)
}

// HandleWithFallback is Handle with a fallback: when no attempt is left, gaveUp is
// called with the reason, also if the process ended in each attempt. It is called
// again if it fails.
func HandleWithFallback[T models.Job](
	r *Runner, do func(ctx context.Context, job T) error, gaveUp func(ctx context.Context, job T, why error) error,
) {
	if r.workers == nil {
		r.workers = river.NewWorkers()
	}
	var kind T
	err := river.AddWorkerSafely(r.workers, &worker[T]{do: do, gaveUp: gaveUp, rule: ruleOf(kind.Kind()), log: r.Log})
	r.errs = append(r.errs, err)
	r.kinds = append(r.kinds, kind)
}

// Start does jobs until Stop. The end of ctx does not stop it.
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

// periodic lists the hourly jobs of the kinds that have a handler.
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

// Stop takes no further jobs and waits for those that run. When ctx ends first,
// it cancels them; the next runner retries them.
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
