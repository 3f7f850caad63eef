// Package jobs does work after the request that asked for it. It is the only
// package that uses River. It knows how often and for how long each kind of job
// is attempted, and nothing of the work itself: cmd/server registers the handlers.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	queueImages  = "images"
	queueDefault = river.QueueDefault
)

// A rule says how the jobs of a kind are done.
type rule struct {
	queue    string
	attempts int           // then the job is given up
	timeout  time.Duration // of one attempt
	every    time.Duration // zero: only when added
}

// rules are by kind; the others have the last one of ruleOf.
var rules = map[string]rule{
	// The largest image takes a few seconds; a minute is a slow machine.
	models.ProcessImage{}.Kind(): {queue: queueImages, attempts: 3, timeout: time.Minute, every: 0},
	// River waits the fourth power of the attempts in seconds: a day in all.
	models.SendMail{}.Kind(): {queue: queueDefault, attempts: 13, timeout: time.Minute, every: 0},

	models.MailNotifications{}.Kind(): {queue: queueDefault, attempts: 13, timeout: time.Minute, every: 0},

	models.DeleteUsers{}.Kind():         hourly,
	models.ExpireDownloads{}.Kind():     hourly,
	models.ExpireHourCounts{}.Kind():    hourly,
	models.ExpireIPRules{}.Kind():       hourly,
	models.ExpireNotifications{}.Kind(): hourly,
	models.ExpireReports{}.Kind():       hourly,
	models.ExpireReservations{}.Kind():  hourly,
	models.ExpireSessions{}.Kind():      hourly,
	models.MarkAudit{}.Kind():           hourly,
	models.PurgePosts{}.Kind():          hourly,
	models.PurgeRemoved{}.Kind():        hourly,
	models.SendDigests{}.Kind():         hourly,
	models.SumFiles{}.Kind():            hourly,
	models.SweepBlobs{}.Kind():          hourly,
	models.TellOfUnusedShares{}.Kind():  hourly,
}

// hourly jobs finish in the next hour what they did not finish in this one.
var hourly = rule{queue: queueDefault, attempts: 2, timeout: 10 * time.Minute, every: time.Hour}

// ruleOf returns the rule of a kind.
func ruleOf(kind string) rule {
	if r, ok := rules[kind]; ok {
		return r
	}
	return rule{queue: queueDefault, attempts: 10, timeout: time.Minute, every: 0}
}

// extraAttempts are reserved for giving up a job whose processes were killed in
// each of its own attempts.
const extraAttempts = 5

func (r rule) options() *river.InsertOpts {
	return &river.InsertOpts{Queue: r.queue, MaxAttempts: r.attempts + extraAttempts}
}

// A Queue takes jobs for the Runners; none of them needs to be running.
type Queue struct {
	db     *database.DB
	client client
}

// NewQueue returns the queue in db.
func NewQueue(db *database.DB, log *slog.Logger) (*Queue, error) {
	client, err := newClient(db, &river.Config{Logger: warnings(log)})
	if err != nil {
		return nil, err
	}
	return &Queue{db: db, client: client}, nil
}

// priorityThresholds are numbers of queued jobs per user, from each of which on
// further jobs get a lower priority: a thousand images of one user do not delay
// the first of another. The lowest priority waits until nothing else does.
var priorityThresholds = [...]int{3, 12, 48}

// priority is River's for a job of a user with so many waiting: 1 goes first.
func priority(waiting int) int {
	for i, threshold := range priorityThresholds {
		if waiting < threshold {
			return i + 1
		}
	}
	return len(priorityThresholds) + 1
}

// AddInTurn is Add for a job of a user who already has so many of the kind
// waiting: jobs of users with fewer go first.
func (q *Queue) AddInTurn(ctx context.Context, tx *database.DB, job models.Job, waiting int) error {
	return q.add(ctx, tx, job, priority(waiting))
}

// Add puts a job in the queue as part of tx, which must be the inside of a
// transaction: the job exists if and only if tx commits.
func (q *Queue) Add(ctx context.Context, tx *database.DB, job models.Job) error {
	return q.add(ctx, tx, job, priority(0))
}

func (q *Queue) add(ctx context.Context, tx *database.DB, job models.Job, priority int) error {
	options := ruleOf(job.Kind()).options()
	options.Priority = priority
	if err := q.client.add(ctx, tx, job, options); err != nil {
		return fmt.Errorf("adding a job %s: %w", job.Kind(), err)
	}
	return nil
}
