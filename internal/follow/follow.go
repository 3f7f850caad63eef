// Package follow keeps up to date what a node holds in memory. It knows when the node must
// look at the database: one read every few seconds tells what other nodes and processes
// have changed.
package follow

import (
	"context"
	"log/slog"
	"time"

	"example.org/cloakroom/internal/database"
)

// Every is how soon a node sees what changed on another.
const Every = 3 * time.Second

// timeout is how long a look, and each task, may take. Without it, a database that went away
// without a word would keep the node from all changes for as long as TCP waits.
const timeout = 10 * time.Second

// A Task brings something up to date.
type Task struct {
	What  string // for the log
	Topic database.Topic
	Run   func(ctx context.Context) error
	Due   func() bool // also when Topic did not change; nil: never. It must cost next to nothing.
}

// A Follower runs tasks when they have something to do. All exported fields must be set.
type Follower struct {
	DB    *database.DB
	Log   *slog.Logger
	Now   func() time.Time
	Tasks []Task

	seen    map[string]int64 // how often the topic of a task had changed when it last ran
	failing map[string]bool
}

// Start runs every task once.
func (f *Follower) Start(ctx context.Context) error {
	f.seen, f.failing = map[string]int64{}, map[string]bool{}
	changes, err := f.DB.Look(ctx, f.Now())
	if err != nil {
		return err
	}
	for _, task := range f.Tasks {
		if err := task.Run(ctx); err != nil {
			return err
		}
		f.seen[task.What] = changes[task.Topic]
	}
	return nil
}

// Run runs each task that has something to do, every few seconds, until ctx is done. While
// the database is unreachable, all stays as it is, and the log says so once.
func (f *Follower) Run(ctx context.Context) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.look(ctx)
		}
	}
}

func (f *Follower) look(ctx context.Context) {
	var changes map[database.Topic]int64
	f.within(ctx, "changes", func(ctx context.Context) (err error) {
		changes, err = f.DB.Look(ctx, f.Now())
		return err
	})
	for _, task := range f.Tasks {
		now, known := changes[task.Topic] // before the task reads: it sees at least that much
		changed := known && now != f.seen[task.What]
		if !changed && (task.Due == nil || !task.Due()) {
			continue
		}
		if f.within(ctx, task.What, task.Run) && changed {
			f.seen[task.What] = now
		}
	}
}

// within runs do for no longer than timeout, and reports whether it succeeded. It logs the
// error unless it is the same trouble as at the last look.
func (f *Follower) within(ctx context.Context, what string, do func(context.Context) error) bool {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := do(limited)
	if err != nil && !f.failing[what] && ctx.Err() == nil {
		f.Log.WarnContext(ctx, "reloading", "what", what, "err", err)
	}
	f.failing[what] = err != nil
	return err == nil
}
