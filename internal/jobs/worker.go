package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"example.org/cloakroom/internal/models"
)

// errKilled is the reason for giving up a job that never returned.
var errKilled = errors.New("the process ended in each attempt")

// A worker is a handler as River knows it.
type worker[T models.Job] struct {
	river.WorkerDefaults[T]
	do     func(ctx context.Context, job T) error
	gaveUp func(ctx context.Context, job T, why error) error // may be nil
	rule   rule
	log    *slog.Logger
}

// Timeout implements river.Worker.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.rule.timeout }

// NextRetry implements river.Worker: it waits longer each time, about five
// minutes in all when there are ten attempts.
func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	if job.AttemptedAt == nil {
		return time.Time{} // River knows
	}
	if job.Attempt > w.rule.attempts {
		return job.AttemptedAt.Add(time.Second) // only gaveUp remains to be called
	}
	return job.AttemptedAt.Add(time.Duration(job.Attempt*job.Attempt) * time.Second)
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	err := errKilled
	if job.Attempt <= w.rule.attempts {
		err = w.try(ctx, job.Args)
	}
	if err == nil || job.Attempt < w.rule.attempts {
		return err
	}
	w.log.ErrorContext(ctx, "a job is given up", "kind", job.Kind, "job", job.ID, "err", err)
	if w.gaveUp != nil {
		// The timeout of the job may be over, and gaveUp must still run.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoments)
		defer cancel()
		if failed := w.gaveUp(ctx, job.Args, err); failed != nil {
			return errors.Join(err, failed)
		}
	}
	return river.JobCancel(err)
}

// try does the job and makes an error of a panic.
func (w *worker[T]) try(ctx context.Context, job T) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.do(ctx, job)
}
