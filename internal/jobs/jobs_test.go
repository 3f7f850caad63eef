package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// TestMain stops the servers that the tests started.
func TestMain(m *testing.M) { testenv.Main(m) }

var noon = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)

// patience is more than anything here should take.
const patience = time.Minute

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newQueue(t *testing.T, db *database.DB) *jobs.Queue {
	t.Helper()
	return &jobs.Queue{DB: db, Now: time.Now}
}

func newRunner(db *database.DB) *jobs.Runner {
	return &jobs.Runner{DB: db, Log: slog.New(slog.DiscardHandler), Now: time.Now, ImageWorkers: 1}
}

func start(t *testing.T, r *jobs.Runner) {
	t.Helper()
	must(t, r.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func add(t *testing.T, db *database.DB, job models.Job) {
	t.Helper()
	queue := newQueue(t, db)
	must(t, db.Tx(t.Context(), func(tx *database.DB) error { return queue.Add(t.Context(), tx, job) }))
}

// receive returns what comes from done, or fails the test.
func receive[T any](t *testing.T, done <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-done:
	case <-time.After(patience):
		t.Fatal("nobody did the job")
	}
	return got
}

func newUser(id models.UserID) *models.User {
	return &models.User{ID: id, Username: models.Username(id), UsernameKey: string(id), CreatedAt: noon, UpdatedAt: noon}
}

func TestAdd_RollsBackWithTheRow(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		queue, boom := newQueue(t, db), errors.New("boom")
		put := func(id string, then error) error {
			return db.Tx(t.Context(), func(tx *database.DB) error {
				if err := tx.CreateUser(t.Context(), newUser(models.UserID(id))); err != nil {
					return err
				}
				if err := queue.Add(t.Context(), tx, models.ProcessImage{FileID: models.FileID(id)}); err != nil {
					return err
				}
				return then
			})
		}
		if err := put("lost", boom); !errors.Is(err, boom) {
			t.Fatalf("err = %v, want boom", err)
		}
		must(t, put("kept", nil))
		if err := put("kept", nil); problem.KindOf(err) != problem.Conflict { // the database ends this one
			t.Fatalf("err = %v, want a conflict", err)
		}
		if _, err := db.UserByID(t.Context(), "lost"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the row survived: %v", err)
		}
		var queued int
		must(t, db.SQLPool().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM jobs`).Scan(&queued))
		if queued != 1 {
			t.Errorf("%d jobs are queued, want 1", queued)
		}
		done := make(chan models.FileID, 10)
		r := newRunner(db)
		jobs.Handle(r, func(_ context.Context, job models.ProcessImage) error { done <- job.FileID; return nil })
		start(t, r)
		if got := receive(t, done); got != "kept" {
			t.Errorf("the job of %q was done, want that of kept", got)
		}
		if err := queue.Add(t.Context(), db, models.SweepBlobs{}); err == nil {
			t.Error("a job was added outside a transaction")
		}
	})
}

func TestRunner_DoesEachJobOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const n = 20
		done := make(chan string, 10*n)
		for range 2 { // two nodes
			r := newRunner(db)
			jobs.Handle(r, func(_ context.Context, job models.DeleteBlobs) error { done <- string(job.Keys[0]); return nil })
			start(t, r)
		}
		for i := range n {
			add(t, db, models.DeleteBlobs{Keys: []models.BlobKey{models.BlobKey(fmt.Sprint("K", i))}})
		}
		seen := map[string]bool{}
		for range n {
			key := receive(t, done)
			if seen[key] {
				t.Errorf("the job of %s was done twice", key)
			}
			seen[key] = true
		}
		if len(done) != 0 {
			t.Errorf("%d jobs were done twice", len(done))
		}
	})
}

func TestRunner_RunsPeriodicJobsAtTheStart(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var swept atomic.Int64
		done := make(chan string, 10)
		for range 2 { // two nodes
			r := newRunner(db)
			jobs.Handle(r, func(context.Context, models.SweepBlobs) error { swept.Add(1); done <- "sweep"; return nil })
			jobs.Handle(r, func(context.Context, models.PurgePosts) error { done <- "purge"; return nil })
			jobs.Handle(r, func(context.Context, models.ExpireSessions) error { done <- "expire"; return nil })
			start(t, r)
		}
		seen := map[string]int{}
		for range 3 {
			seen[receive(t, done)]++
		}
		if len(seen) != 3 || swept.Load() != 1 {
			t.Errorf("done: %v, want each once", seen)
		}
	})
}

func TestStop_WaitsAndThenCancels(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		began, finish, ended := make(chan int, 1), make(chan int), make(chan error, 1)
		r := newRunner(db)
		jobs.Handle(r, func(ctx context.Context, _ models.ProcessImage) error {
			began <- 1
			select {
			case <-finish:
			case <-ctx.Done():
			}
			ended <- ctx.Err()
			return ctx.Err()
		})
		// The end of this context must not end the jobs.
		ctx, cancel := context.WithCancel(t.Context())
		must(t, r.Start(ctx))
		add(t, db, models.ProcessImage{FileID: "F"})
		receive(t, began)
		cancel()
		stopped := make(chan error, 1)
		go func() { stopped <- r.Stop(context.WithoutCancel(ctx)) }()
		finish <- 1
		must(t, receive(t, stopped))
		must(t, receive(t, ended))

		must(t, r.Start(t.Context()))
		add(t, db, models.ProcessImage{FileID: "F"})
		receive(t, began)
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		must(t, r.Stop(soon))
		if err := receive(t, ended); !errors.Is(err, context.Canceled) {
			t.Errorf("the job ended with %v, want that it was cancelled", err)
		}
		waiting, err := newQueue(t, db).List(t.Context(), models.JobWaiting, 0, 10)
		must(t, err)
		if len(waiting) != 1 || waiting[0].Tries != 0 { // stopping is no failure of the job
			t.Errorf("after it was stopped, %+v waits", waiting)
		}
	})
}

// abandon leaves the jobs as a process does that was killed in this attempt, long ago.
func abandon(t *testing.T, db *database.DB, attempt int) {
	t.Helper()
	_, err := db.SQLPool().ExecContext(t.Context(), `UPDATE jobs SET state = 'running', tries = $1, run_at = $2`, attempt, noon)
	must(t, err)
}

func TestRunner_GivesUpWhatKillsEveryProcess(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		add(t, db, models.ProcessImage{FileID: "F"})
		abandon(t, db, 3)
		gaveUp, calls := make(chan models.FileID, 10), atomic.Int64{}
		r := newRunner(db)
		jobs.HandleWithFallback(r, func(context.Context, models.ProcessImage) error {
			t.Error("it was tried a fourth time")
			return nil
		}, func(_ context.Context, job models.ProcessImage, why error) error {
			gaveUp <- job.FileID
			if calls.Add(1) == 1 {
				return why // and so it is called again
			}
			return nil
		})
		start(t, r)
		receive(t, gaveUp)
		if got := receive(t, gaveUp); got != "F" {
			t.Errorf("the job of %q was given up, want that of F", got)
		}
	})
}

func TestStart_ReportsAKindWithTwoHandlers(t *testing.T) {
	r := newRunner(databasetest.New(t))
	jobs.Handle(r, func(context.Context, models.SweepBlobs) error { return nil })
	jobs.Handle(r, func(context.Context, models.SweepBlobs) error { return nil })
	if err := r.Start(t.Context()); err == nil {
		t.Error("it started")
	}
}
