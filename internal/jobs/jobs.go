// Package jobs does work after the request that asked for it. It knows how often and
// for how long each kind of job is attempted, and nothing of the work itself:
// cmd/server registers the handlers.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	queueImages  = "images"
	queueMedia   = "media"
	queueDefault = "default"
	queueHourly  = "hourly"
)

// timeouts are how long one attempt may take, by queue. A job of a killed process is
// taken up again when that time is over.
var timeouts = map[string]time.Duration{
	queueImages:  5 * time.Minute,  // a HEIC takes 90 seconds at most, and can wait for the images of others
	queueMedia:   30 * time.Minute, // a video is read and written once, however large it is
	queueDefault: time.Minute,
	queueHourly:  10 * time.Minute,
}

// A rule says how the jobs of a kind are done.
type rule struct {
	queue    string
	attempts int                             // then the job is given up
	wait     func(attempt int) time.Duration // until the next attempt
	every    time.Duration                   // zero: only when added
}

// square waits five minutes in all when there are ten attempts, and fourth 17 hours when
// there are thirteen: a mail server may be away for a night.
func square(attempt int) time.Duration { return time.Duration(attempt*attempt) * time.Second }
func fourth(attempt int) time.Duration { return square(attempt * attempt) }

// rules are by kind; the others have the last one of ruleOf.
var rules = map[string]rule{
	models.ProcessImage{}.Kind(): {queue: queueImages, attempts: 3, wait: square, every: 0},
	models.CleanFile{}.Kind():    {queue: queueMedia, attempts: 3, wait: square, every: 0},

	models.SendMail{}.Kind():          {queue: queueDefault, attempts: 13, wait: fourth, every: 0},
	models.MailNotifications{}.Kind(): {queue: queueDefault, attempts: 13, wait: fourth, every: 0},

	models.DeleteUsers{}.Kind():         hourly,
	models.ExpireDownloads{}.Kind():     hourly,
	models.ExpireHourCounts{}.Kind():    hourly,
	models.ExpireIPRules{}.Kind():       hourly,
	models.ExpireJobs{}.Kind():          hourly,
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
var hourly = rule{queue: queueHourly, attempts: 2, wait: square, every: time.Hour}

// ruleOf returns the rule of a kind.
func ruleOf(kind string) rule {
	if r, ok := rules[kind]; ok {
		return r
	}
	return rule{queue: queueDefault, attempts: 10, wait: square, every: 0}
}

// extraAttempts are reserved for giving up a job whose processes were killed in
// each of its own attempts.
const extraAttempts = 5

// A Queue takes jobs for the Runners; none of them needs to be running. All fields
// must be set.
type Queue struct {
	DB  *database.DB
	Now func() time.Time
}

// priorityThresholds are numbers of queued jobs per user, from each of which on
// further jobs get a lower priority: a thousand images of one user do not delay
// the first of another. The lowest priority waits until nothing else does.
var priorityThresholds = [...]int{3, 12, 48}

// priority returns the priority of a job whose user has that number of jobs waiting: 1 goes
// first.
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
	row, err := rowOf(job, priority, q.Now())
	if err == nil {
		err = tx.AddJob(ctx, row)
	}
	if err != nil {
		return fmt.Errorf("adding a job %s: %w", job.Kind(), err)
	}
	return nil
}

// rowOf returns a job as it is stored.
func rowOf(job models.Job, priority int, runAt time.Time) (models.NewJob, error) {
	args, err := json.Marshal(job)
	if err != nil {
		return models.NewJob{}, fmt.Errorf("writing its arguments: %w", err)
	}
	return models.NewJob{
		Kind: job.Kind(), Args: string(args), Queue: ruleOf(job.Kind()).queue, Priority: priority, RunAt: precise(runAt),
	}, nil
}

// precise returns a time as both dialects hold it.
func precise(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// keepGivenUp is how long the panel shows jobs that were given up.
const keepGivenUp = 7 * 24 * time.Hour

// Expire runs the job models.ExpireJobs.
func (q *Queue) Expire(ctx context.Context, _ models.ExpireJobs) error {
	return q.DB.DeleteJobsGivenUp(ctx, q.Now().Add(-keepGivenUp))
}
