package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	// mediaWorkers is how many videos are cleaned at the same time.
	mediaWorkers = 2

	// sideWorkers is how many jobs other than images and videos run at the same time.
	sideWorkers = 4

	// hourlyWorkers is how many hourly jobs run at the same time.
	hourlyWorkers = 2

	// lastMoments is how long jobs have to stop once their context has ended, how long
	// giving up may take, and how long storing what became of a job may.
	lastMoments = 5 * time.Second

	// margin is how long a job belongs to its process after its timeout: until it is
	// given up and that is stored.
	margin = 3 * lastMoments

	// pause is the wait after the database did not answer.
	pause = 3 * time.Second

	// claimTimeout is how long looking for a job may take.
	claimTimeout = 10 * time.Second

	// storeTries is how often storing what became of a job is tried: a database that
	// restarts is back by then.
	storeTries = 20

	// unknownWait is the wait of a job that has no handler in this release.
	unknownWait = time.Minute
)

// errStopping is why the context of a job ends when the process does.
var errStopping = errors.New("the process stops")

// A Runner does the jobs. Several runners can share a database: each job is done by one
// of them. A runner looks for jobs when one is added in this process, when the next one is
// due, and when the database is told to wake it (see database.DB.WatchJobs); otherwise it
// sleeps.
type Runner struct {
	DB           *database.DB
	Log          *slog.Logger
	Now          func() time.Time
	ImageWorkers int // images decoded at once; as many again wait for their user's turn

	handlers map[string]handler
	errs     []error
	running  sync.WaitGroup
	retire   context.CancelFunc      // ends the claiming of further jobs
	abort    context.CancelCauseFunc // cancels those that run
}

// A handler does the jobs of a kind.
type handler struct {
	kind   models.Job
	do     func(ctx context.Context, args string) error
	gaveUp func(ctx context.Context, args string, why error) error
}

// Handle registers do for the jobs of kind T. A job that fails or panics is
// retried later, a number of times, so do must be idempotent. Call it before Start.
func Handle[T models.Job](r *Runner, do func(ctx context.Context, job T) error) {
	HandleWithFallback(r, do, func(context.Context, T, error) error { return nil })
}

// HandleWithFallback is Handle with a fallback: when no attempt is left, gaveUp is
// called with the reason, also if the process ended in each attempt. It is called
// again if it fails.
func HandleWithFallback[T models.Job](
	r *Runner, do func(ctx context.Context, job T) error, gaveUp func(ctx context.Context, job T, why error) error,
) {
	var kind T
	if r.handlers == nil {
		r.handlers = map[string]handler{}
	}
	if _, taken := r.handlers[kind.Kind()]; taken {
		r.errs = append(r.errs, fmt.Errorf("the jobs %s have two handlers", kind.Kind()))
	}
	r.handlers[kind.Kind()] = handler{
		kind: kind,
		do: func(ctx context.Context, args string) error {
			job, err := parse[T](args)
			if err != nil {
				return err
			}
			return do(ctx, job)
		},
		gaveUp: func(ctx context.Context, args string, why error) error {
			job, err := parse[T](args)
			if err != nil {
				return nil //nolint:nilerr // do has returned it; there is no job to give up
			}
			return gaveUp(ctx, job, why)
		},
	}
}

func parse[T models.Job](args string) (job T, err error) {
	if err := json.Unmarshal([]byte(args), &job); err != nil {
		return job, fmt.Errorf("reading the arguments: %w", err)
	}
	return job, nil
}

// Start does jobs until Stop. The end of ctx does not stop it.
func (r *Runner) Start(ctx context.Context) error {
	if err := errors.Join(r.errs...); err != nil {
		return fmt.Errorf("registering the jobs: %w", err)
	}
	if err := r.addPeriodic(ctx); err != nil {
		return fmt.Errorf("starting the jobs: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	working, abort := context.WithCancelCause(ctx)
	claiming, retire := context.WithCancel(ctx)
	r.abort, r.retire = abort, retire
	for queue, workers := range map[string]int{
		queueImages: 2 * max(1, r.ImageWorkers), queueMedia: mediaWorkers, queueDefault: sideWorkers, queueHourly: hourlyWorkers,
	} {
		l := &lane{Runner: r, queue: queue, slots: make(chan struct{}, workers), working: working}
		r.running.Go(func() { l.run(claiming) })
	}
	return nil
}

// addPeriodic adds the periodic jobs that have a handler, due now, unless they are there.
func (r *Runner) addPeriodic(ctx context.Context) error {
	var jobs []models.NewJob
	for kind, h := range r.handlers {
		if ruleOf(kind).every == 0 {
			continue
		}
		job, err := rowOf(h.kind, priority(0), r.Now())
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	return r.DB.AddPeriodicJobs(ctx, jobs)
}

// Stop takes no further jobs and waits for those that run. When ctx ends first,
// it cancels them; the next runner does them again.
func (r *Runner) Stop(ctx context.Context) error {
	if r.retire == nil {
		return nil
	}
	defer r.abort(errStopping)
	r.retire()
	ended := make(chan struct{})
	go func() { r.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	r.abort(errStopping)
	late := time.NewTimer(2 * lastMoments)
	defer late.Stop()
	select {
	case <-ended:
		return nil
	case <-late.C:
		return errors.New("stopping the jobs: one does not stop")
	}
}
