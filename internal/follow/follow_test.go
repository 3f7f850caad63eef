package follow_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/follow"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/testenv"
)

// TestMain stops the servers that the tests started.
func TestMain(m *testing.M) { testenv.Main(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A node is a server, as far as it follows others and does jobs.
type node struct {
	*database.DB
	queue    *jobs.Queue
	settings atomic.Int64       // how often they were reloaded
	swept    chan time.Duration // when jobs were done
	due      atomic.Bool
	flushed  atomic.Int64
	fail     atomic.Pointer[error]
	hang     atomic.Bool // settings are read for as long as they may be
	log      lockedText
}

// A lockedText collects what is written to it.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// reload is a task that can be made to fail.
func (n *node) reload(ctx context.Context) error {
	n.settings.Add(1)
	if n.hang.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if fail := n.fail.Load(); fail != nil {
		return *fail
	}
	return nil
}

// flush is a task with a time of its own.
func (n *node) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n.flushed.Add(1)
	n.due.Store(false)
	return nil
}

// pass lets time pass, in a bubble.
func pass(d time.Duration) { <-time.After(d) }

// eachInBubble runs test with the address of a migrated database of each dialect, where
// time passes only while everything waits.
func eachInBubble(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	databasetest.EachMigratedURL(t, func(t *testing.T, url string) {
		synctest.Test(t, func(t *testing.T) { test(t, url) })
	})
}

func newNode(t *testing.T, url string) *node {
	t.Helper()
	n := &node{DB: databasetest.Open(t, url), swept: make(chan time.Duration, 10)}
	n.queue = &jobs.Queue{DB: n.DB, Now: time.Now}
	began := time.Now()
	runner := &jobs.Runner{DB: n.DB, Log: slog.New(slog.DiscardHandler), Now: time.Now, ImageWorkers: 1}
	jobs.Handle(runner, func(context.Context, models.SweepBlobs) error { n.swept <- time.Since(began); return nil })
	jobs.Handle(runner, func(context.Context, models.DeleteBlobs) error { n.swept <- time.Since(began); return nil })
	f := &follow.Follower{DB: n.DB, Log: slog.New(slog.NewTextHandler(&n.log, nil)), Now: time.Now, Tasks: []follow.Task{
		{What: "settings", Topic: database.TopicSettings, Run: n.reload},
		{What: "counts", Run: n.flush, Due: n.due.Load},
	}}
	must(t, f.Start(t.Context()))
	must(t, runner.Start(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { f.Run(ctx); close(ended) }()
	t.Cleanup(func() {
		stop()
		<-ended
		must(t, runner.Stop(context.WithoutCancel(ctx)))
	})
	return n
}

// edit is a change by an admin.
func (n *node) edit(t *testing.T, value string) {
	t.Helper()
	must(t, n.SetSettingEdit(t.Context(), models.SettingEdit{Name: "SITE_NAME", Value: value, UpdatedAt: time.Now()}))
}

// An idle node reads once every three seconds, and writes nothing.
func TestFollower_IsIdle(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		n := newNode(t, url)
		conn, err := n.SQLPool().Conn(t.Context())
		must(t, err)
		defer conn.Close()
		version := func() (number int) { // changes when another connection writes
			if n.Dialect() == database.Postgres {
				return 0
			}
			must(t, conn.QueryRowContext(t.Context(), `PRAGMA data_version`).Scan(&number))
			return number
		}
		pass(20*time.Minute + time.Second) // the hourly jobs are done
		written := version()
		reads, writes := n.Statements()
		pass(30 * time.Minute)
		r, w := n.Statements()
		if r-reads != 600 || w != writes || len(n.swept) != 1 || n.settings.Load() != 1 || n.flushed.Load() != 1 {
			t.Errorf("in 30 minutes: %d reads, %d writes; %d jobs, %d reloads, %d flushes since the start",
				r-reads, w-writes, len(n.swept), n.settings.Load(), n.flushed.Load())
		}
		if now := version(); now != written {
			t.Error("the file of the database was written")
		}
		n.due.Store(true)
		pass(follow.Every)
		if n.flushed.Load() != 2 {
			t.Errorf("%d flushes after something was counted, want 2", n.flushed.Load())
		}
	})
}

func TestFollower_SeesWhatAnotherNodeChanged(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		first, second := newNode(t, url), newNode(t, url)
		pass(time.Minute + time.Second)
		first.edit(t, "Lost and found")
		pass(follow.Every)
		if first.settings.Load() != 2 || second.settings.Load() != 2 {
			t.Errorf("after a change, settings were read %d and %d times, want 2", first.settings.Load(), second.settings.Load())
		}
		pass(time.Minute)
		first.edit(t, "")
		pass(time.Minute)
		if first.settings.Load() != 3 || second.settings.Load() != 3 {
			t.Errorf("after another, settings were read %d and %d times, want 3", first.settings.Load(), second.settings.Load())
		}
	})
}

// What could not be read is read at the next look, and the log says it once.
func TestFollower_TriesAgain(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		n := newNode(t, url)
		fail := errors.New("the disk is away")
		n.fail.Store(&fail)
		n.edit(t, "Lost and found")
		pass(time.Minute)
		if got := strings.Count(n.log.String(), "the disk is away"); n.settings.Load() < 15 || got != 1 {
			t.Errorf("settings were read %d times, and the log says so %d times", n.settings.Load(), got)
		}
		n.fail.Store(nil)
		pass(follow.Every + time.Second)
		read := n.settings.Load()
		pass(time.Minute)
		if n.settings.Load() != read {
			t.Errorf("settings were read %d times after they could be read", n.settings.Load()-read)
		}
	})
}

// A read that hangs ends, is in the log, and keeps no other task from its turn.
func TestFollower_EndsWhatHangs(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		n := newNode(t, url)
		n.hang.Store(true)
		n.edit(t, "Lost and found")
		n.due.Store(true)
		pass(time.Minute)
		if got := strings.Count(n.log.String(), "deadline exceeded"); got != 1 || n.settings.Load() < 3 || n.flushed.Load() != 2 {
			t.Errorf("settings were read %d times, the log says %d times that it took too long, and there were %d flushes",
				n.settings.Load(), got, n.flushed.Load())
		}
		n.hang.Store(false)
		pass(time.Minute)
		read := n.settings.Load()
		pass(time.Minute)
		if n.settings.Load() != read {
			t.Error("settings are read again and again after they could be read")
		}
	})
}

// A command adds a job in a process that does none.
func TestFollower_FindsTheJobOfAnotherProcess(t *testing.T) {
	eachInBubble(t, func(t *testing.T, url string) {
		n, command := newNode(t, url), databasetest.Open(t, url)
		<-n.swept // at the start
		pass(time.Minute + time.Second)
		queue := &jobs.Queue{DB: command, Now: time.Now}
		must(t, command.Tx(t.Context(), func(tx *database.DB) error { return queue.Add(t.Context(), tx, models.DeleteBlobs{}) }))
		if after := <-n.swept; after != time.Minute+follow.Every {
			t.Errorf("done after %v, want %v", after, time.Minute+follow.Every)
		}
	})
}
