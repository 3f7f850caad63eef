package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// errKilled is the reason for giving up a job that never returned.
var errKilled = errors.New("the process ended in each attempt")

// errUnknown is why a job is put back that has no handler here.
var errUnknown = errors.New("this release does not know the kind of job")

// A lane does the jobs of one queue, as many at the same time as it has slots.
type lane struct {
	*Runner
	queue   string
	slots   chan struct{}   // one value for each job that runs
	working context.Context //nolint:containedctx // outlives run: jobs that run may finish
}

// run claims jobs until ctx is done. While nothing is due, it sleeps.
func (l *lane) run(ctx context.Context) {
	added, unwatch := l.DB.WatchJobs(l.queue)
	defer unwatch()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case l.slots <- struct{}{}:
		}
		if ctx.Err() != nil { // select may have taken the slot all the same
			return
		}
		job, sleep, err := l.claim(ctx)
		if job != nil {
			l.running.Go(func() {
				defer func() { <-l.slots }()
				l.work(*job)
			})
			continue
		}
		<-l.slots
		if err != nil && !failing && ctx.Err() == nil {
			l.Log.ErrorContext(ctx, "looking for jobs", "queue", l.queue, "err", err)
		}
		failing = err != nil
		if !await(ctx, added, sleep) {
			return
		}
	}
}

// await waits until a job is added or, if sleep is not 0, until that time has passed. It
// reports false if ctx ends first.
func await(ctx context.Context, added <-chan struct{}, sleep time.Duration) bool {
	var due <-chan time.Time
	if sleep > 0 {
		timer := time.NewTimer(sleep)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-added:
	case <-due:
	}
	return true
}

// claim returns a job that is due, or how long to sleep until the next one; 0: for ever.
// The end of ctx does not break it off: the database could then have claimed a job for
// nobody.
func (l *lane) claim(ctx context.Context) (job *models.ClaimedJob, sleep time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	now := precise(l.Now())
	claimed, found, err := l.DB.ClaimJob(ctx, l.queue, now, now.Add(timeouts[l.queue]+margin))
	if err != nil {
		return nil, pause, err
	}
	if found {
		return &claimed, 0, nil
	}
	next, err := l.DB.NextJob(ctx, now)
	if err != nil {
		return nil, pause, err
	}
	if next.IsZero() {
		return nil, 0, nil
	}
	return nil, next.Sub(now), nil
}

// work does a job and stores what became of it. If the database does not answer, it tries
// that again; in the end the job is done again when its time is over.
func (l *lane) work(job models.ClaimedJob) {
	ctx, cancel := context.WithTimeout(l.working, timeouts[l.queue])
	defer cancel()
	store := l.do(ctx, job)
	for range storeTries {
		err := l.store(store)
		if err == nil {
			return
		}
		l.Log.ErrorContext(ctx, "storing what became of a job", "kind", job.Kind, "job", job.ID, "err", err)
		if !await(l.working, nil, pause) {
			return
		}
	}
}

func (l *lane) store(store func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.working), lastMoments)
	defer cancel()
	return store(ctx)
}

// do does a job and returns what stores what became of it.
func (l *lane) do(ctx context.Context, job models.ClaimedJob) (store func(context.Context) error) {
	rule := ruleOf(job.Kind)
	if _, known := l.handlers[job.Kind]; !known {
		// Another release added it, and must find it with all its attempts.
		l.logged(ctx, slog.LevelWarn, "a job is left to another release", job, errUnknown)
		return l.again(job, models.JobWaiting, job.Try-1, unknownWait, errUnknown)
	}
	err := errKilled
	if job.Try <= rule.attempts {
		err = l.try(ctx, job)
	}
	switch {
	case err == nil && job.Periodic && rule.every > 0:
		return l.again(job, models.JobScheduled, 0, rule.every, nil)
	case err == nil:
		return func(ctx context.Context) error { return l.DB.DeleteJob(ctx, job) }
	case errors.Is(context.Cause(ctx), errStopping):
		return l.again(job, models.JobWaiting, job.Try-1, 0, nil) // it did not fail
	case job.Try < rule.attempts:
		l.logged(ctx, slog.LevelWarn, "a job failed and is retried", job, err)
		return l.again(job, models.JobFailing, job.Try, rule.wait(job.Try), err)
	}
	l.logged(ctx, slog.LevelError, "a job is given up", job, err)
	if failed := l.giveUp(ctx, job, err); failed != nil && job.Try < rule.attempts+extraAttempts {
		return l.again(job, models.JobFailing, max(job.Try, rule.attempts), time.Second, errors.Join(err, failed))
	}
	if job.Periodic && rule.every > 0 {
		return l.again(job, models.JobFailing, 0, rule.every, err)
	}
	return l.again(job, models.JobGivenUp, job.Try, 0, err)
}

// again returns what puts a job back.
func (l *lane) again(job models.ClaimedJob, state models.JobState, tries int, wait time.Duration, why error) func(context.Context) error {
	return func(ctx context.Context) error {
		return l.DB.PutJobBack(ctx, job, state, tries, precise(l.Now()).Add(wait), shortened(why))
	}
}

// giveUp calls the fallback of a job, also when the timeout of the job is over.
func (l *lane) giveUp(ctx context.Context, job models.ClaimedJob, why error) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoments)
	defer cancel()
	defer recovered(&err)
	return l.handlers[job.Kind].gaveUp(ctx, job.Args, why)
}

// try does a job.
func (l *lane) try(ctx context.Context, job models.ClaimedJob) (err error) {
	defer recovered(&err)
	return l.handlers[job.Kind].do(ctx, job.Args)
}

// recovered makes an error of a panic.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}

func (l *lane) logged(ctx context.Context, level slog.Level, what string, job models.ClaimedJob, err error) {
	l.Log.LogAttrs(ctx, level, what, slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Int("try", job.Try), slog.Any("err", err))
}

// maxError is how much of an error is stored for the panel, in bytes.
const maxError = 300

// shortened returns the first line of an error, or of its beginning.
func shortened(err error) string {
	if err == nil {
		return ""
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ToValidUTF8(strings.ReplaceAll(text[:min(len(text), maxError)], "\x00", ""), "")
}
