package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
)

// pass lets time pass, in a bubble.
func pass(d time.Duration) { <-time.After(d) }

// eachInBubble runs test on a migrated database of each dialect, where time passes only
// while everything waits: an hour is over at once, and after a sleep all work is done.
func eachInBubble(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	databasetest.EachMigratedURL(t, func(t *testing.T, url string) {
		synctest.Test(t, func(t *testing.T) { test(t, url) })
	})
}

// hourly registers three periodic kinds, whose runs are counted.
func hourly(r *jobs.Runner, runs *atomic.Int64) {
	jobs.Handle(r, func(context.Context, models.SweepBlobs) error { runs.Add(1); return nil })
	jobs.Handle(r, func(context.Context, models.PurgePosts) error { runs.Add(1); return nil })
	jobs.Handle(r, func(context.Context, models.ExpireSessions) error { runs.Add(1); return nil })
}

func TestRunner_IsIdleWhenNothingIsDue(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db, runs := databasetest.Open(t, url), atomic.Int64{}
		for range 2 { // two nodes
			r := newRunner(db)
			hourly(r, &runs)
			start(t, r)
		}
		// The jobs of the start are done at once. A runner that saw one run looks again when its
		// time is over.
		pass(15 * time.Minute)
		reads, writes := db.Statements()
		pass(40 * time.Minute)
		if r, w := db.Statements(); r != reads || w != writes || runs.Load() != 3 {
			t.Errorf("in 40 minutes without work: %d reads, %d writes, %d jobs", r-reads, w-writes, runs.Load()-3)
		}
		pass(6 * time.Minute)
		if runs.Load() != 6 {
			t.Errorf("%d jobs were done in two hours, want three in each", runs.Load())
		}
	})
}

func TestRunner_DoesPeriodicJobsByTheHourAlsoAfterARestart(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db, runs, began := databasetest.Open(t, url), atomic.Int64{}, time.Now()
		for _, minute := range []int{19, 39, 59, 79} { // restarts, none at the moment when jobs are due
			r := newRunner(db)
			hourly(r, &runs)
			must(t, r.Start(t.Context()))
			pass(time.Until(began.Add(time.Duration(minute) * time.Minute)))
			must(t, r.Stop(t.Context()))
			want := int64(3)
			if minute > 60 {
				want = 6
			}
			if runs.Load() != want {
				t.Fatalf("%d jobs were done after %d minutes, want %d", runs.Load(), minute, want)
			}
		}
	})
}

func TestRunner_TriesAgainAndGivesUp(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db := databasetest.Open(t, url)
		var attempts []time.Duration
		began, gaveUp := time.Now(), make(chan error, 1)
		r := newRunner(db)
		jobs.HandleWithFallback(r, func(context.Context, models.ProcessImage) error {
			attempts = append(attempts, time.Since(began))
			if len(attempts) == 1 {
				return errors.New("first")
			}
			panic("the decoder")
		}, func(ctx context.Context, _ models.ProcessImage, why error) error {
			gaveUp <- errors.Join(why, ctx.Err())
			return nil
		})
		start(t, r)
		add(t, db, models.ProcessImage{FileID: "F"})
		if why := fmt.Sprint(<-gaveUp); !strings.HasPrefix(why, "panic: the decoder") {
			t.Errorf("gave up because of %s, want the panic", why)
		}
		if want := []time.Duration{0, time.Second, 5 * time.Second}; !slices.Equal(attempts, want) {
			t.Errorf("tried after %v, want %v", attempts, want)
		}
		pass(time.Hour)
		given, err := newQueue(t, db).List(t.Context(), models.JobGivenUp, 0, 10)
		must(t, err)
		if len(attempts) != 3 || len(given) != 1 || given[0].Error != "panic: the decoder" || given[0].Tries != 3 {
			t.Errorf("after %d attempts, %+v is given up", len(attempts), given)
		}
		must(t, newQueue(t, db).Expire(t.Context(), models.ExpireJobs{}))
		if counts, err := newQueue(t, db).Count(t.Context()); err != nil || counts[models.JobGivenUp] != 1 {
			t.Errorf("after an hour, the jobs are %v, %v", counts, err)
		}
		pass(7 * 24 * time.Hour)
		must(t, newQueue(t, db).Expire(t.Context(), models.ExpireJobs{}))
		if counts, err := newQueue(t, db).Count(t.Context()); err != nil || len(counts) != 0 {
			t.Errorf("after a week, the jobs are %v, %v", counts, err)
		}
	})
}

// What a killed process had claimed is done again when its time is over, and not before.
func TestRunner_TakesUpWhatAKilledProcessLeft(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db := databasetest.Open(t, url)
		add(t, db, models.ProcessImage{FileID: "F"})
		began := time.Now()
		_, found, err := db.ClaimJob(t.Context(), "images", began, began.Add(time.Minute))
		must(t, err)
		if !found {
			t.Fatal("there is no job to claim")
		}
		done := make(chan time.Duration, 10)
		for range 2 { // two nodes
			r := newRunner(db)
			jobs.Handle(r, func(context.Context, models.ProcessImage) error { done <- time.Since(began); return nil })
			start(t, r)
		}
		if after := <-done; after != time.Minute {
			t.Errorf("it was done after %v, want a minute", after)
		}
		pass(time.Hour)
		if len(done) != 0 {
			t.Error("it was done twice")
		}
	})
}

// A periodic job that fails is listed until it succeeds, and is done in the next hour.
func TestRunner_ListsAPeriodicJobWhileItFails(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db := databasetest.Open(t, url)
		queue, runs, boss := newQueue(t, db), 0, models.Actor{}
		r := newRunner(db)
		jobs.Handle(r, func(context.Context, models.SweepBlobs) error {
			if runs++; runs <= 4 {
				return errors.New("no disk")
			}
			return nil
		})
		start(t, r)
		listed := func(want ...models.JobState) models.QueuedJob {
			t.Helper()
			list, err := queue.List(t.Context(), "", 0, 10)
			must(t, err)
			var states []models.JobState
			for _, job := range list {
				states = append(states, job.State)
			}
			if !slices.Equal(states, want) {
				t.Fatalf("after %d runs, listed are %+v, want %v", runs, list, want)
			}
			if len(list) == 0 {
				return models.QueuedJob{}
			}
			return list[0]
		}
		pass(time.Minute)
		job := listed(models.JobFailing)
		if runs != 2 || job.Error != "no disk" || time.Until(job.NextAt) > time.Hour {
			t.Errorf("after %d runs: %+v", runs, job)
		}
		must(t, queue.Cancel(t.Context(), boss, job.ID, noon))
		listed()
		pass(time.Hour)
		listed(models.JobFailing)
		must(t, queue.Retry(t.Context(), boss, job.ID, noon))
		pass(time.Minute)
		listed()
		if runs != 5 {
			t.Errorf("it ran %d times, want 5", runs)
		}
	})
}

// A periodic job that an admin cancels before its next attempt waits for its next hour, and
// has all its attempts then.
func TestCancel_OfAPeriodicJob(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db, runs := databasetest.Open(t, url), atomic.Int64{}
		r, queue := newRunner(db), newQueue(t, db)
		jobs.Handle(r, func(context.Context, models.SweepBlobs) error { runs.Add(1); return errors.New("no disk") })
		start(t, r)
		pass(time.Second / 2) // after the first of two attempts
		list, err := queue.List(t.Context(), models.JobFailing, 0, 10)
		must(t, err)
		if len(list) != 1 {
			t.Fatalf("%d jobs fail", len(list))
		}
		must(t, queue.Cancel(t.Context(), models.Actor{}, list[0].ID, time.Now()))
		pass(50 * time.Minute)
		if runs.Load() != 1 {
			t.Errorf("it ran %d times in its hour, want once", runs.Load())
		}
		pass(15 * time.Minute)
		if runs.Load() != 3 {
			t.Errorf("it ran %d times with the next hour, want three times", runs.Load())
		}
	})
}

// Another process, such as a command, adds a job: the look at the database finds it.
func TestRunner_DoesWhatAnotherProcessAdded(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db, other := databasetest.Open(t, url), databasetest.Open(t, url)
		done := make(chan models.FileID, 10)
		r := newRunner(db)
		jobs.Handle(r, func(_ context.Context, job models.ProcessImage) error { done <- job.FileID; return nil })
		start(t, r)
		pass(time.Minute)
		add(t, other, models.ProcessImage{FileID: "F"})
		_, err := db.Look(t.Context(), time.Now())
		must(t, err)
		if got := <-done; got != "F" {
			t.Errorf("the job of %q was done, want that of F", got)
		}
		pass(time.Minute) // until it is stored
		reads, _ := db.Statements()
		if _, err := db.Look(t.Context(), time.Now()); err != nil {
			t.Error(err)
		}
		pass(time.Minute)
		if now, _ := db.Statements(); now != reads+1 {
			t.Errorf("a look that finds no job causes %d reads, want itself alone", now-reads)
		}
	})
}

// A job of a kind that only another release knows keeps all its attempts for that one.
func TestRunner_LeavesUnknownKinds(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		add(t, db, models.SendMail{})
		old, others := newRunner(db), make(chan models.FileID, 1)
		jobs.Handle(old, func(_ context.Context, _ models.MailNotifications) error { return nil })
		jobs.Handle(old, func(_ context.Context, _ models.DeleteBlobs) error { others <- ""; return nil })
		must(t, old.Start(t.Context()))
		add(t, db, models.DeleteBlobs{})
		receive(t, others)             // in the same lane, and after the mail
		must(t, old.Stop(t.Context())) // what it began is stored
		var tries int
		var state models.JobState
		must(t, db.SQLPool().QueryRowContext(t.Context(), `SELECT tries, state FROM jobs`).Scan(&tries, &state))
		if tries != 0 || state != models.JobWaiting {
			t.Errorf("the job is %s after %d tries", state, tries)
		}
		done, renewed := make(chan bool, 1), newRunner(db)
		renewed.Now = func() time.Time { return time.Now().Add(time.Hour) }
		jobs.Handle(renewed, func(context.Context, models.SendMail) error { done <- true; return nil })
		start(t, renewed)
		receive(t, done)
	})
}

// A runner that sleeps is woken by the transaction that adds a job, without a look.
func TestRunner_WakesWhenAJobIsAdded(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		db, done := databasetest.Open(t, url), make(chan time.Time, 1)
		r := newRunner(db)
		jobs.Handle(r, func(context.Context, models.ProcessImage) error { done <- time.Now(); return nil })
		start(t, r)
		pass(time.Minute) // it sleeps
		added := time.Now()
		add(t, db, models.ProcessImage{FileID: "F"})
		if at := receive(t, done); !at.Equal(added) {
			t.Errorf("done %v after it was added, want at once", at.Sub(added))
		}
	})
}
