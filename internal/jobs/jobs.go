// Package jobs does work after the request that asked for it. It is the only
// package that runs River. It knows how often and for how long each kind of
// work is tried, and nothing of the work itself: cmd/server tells it who does
// what.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

const (
	queueImages  = "images"
	queueDefault = river.QueueDefault
)

// A rule says how a kind of work is done.
type rule struct {
	queue    string
	attempts int           // after which it is given up
	timeout  time.Duration // of one attempt
	every    time.Duration // zero: only when asked for
}

// ruleOf returns the rule of a kind.
func ruleOf(kind string) rule {
	switch kind {
	case models.ProcessImage{}.Kind():
		// The largest picture takes a few seconds; a minute is a slow machine.
		return rule{queue: queueImages, attempts: 3, timeout: time.Minute, every: 0}
	case models.SweepBlobs{}.Kind(), models.PurgePosts{}.Kind(), models.ExpireSessions{}.Kind(), models.ExpireReports{}.Kind(),
		models.MarkAudit{}.Kind(), models.ExpireIPRules{}.Kind(), models.DeleteUsers{}.Kind(), models.ExpireHourCounts{}.Kind(), models.PurgeRemoved{}.Kind():
		// What one hour does not manage, the next one does.
		return rule{queue: queueDefault, attempts: 2, timeout: 10 * time.Minute, every: time.Hour}
	}
	if kind == (models.SendMail{}).Kind() {
		// River waits the fourth power of the tries in seconds: a day in all.
		return rule{queue: queueDefault, attempts: 13, timeout: time.Minute, every: 0}
	}
	return rule{queue: queueDefault, attempts: 10, timeout: time.Minute, every: 0}
}

// spare is how many attempts River has left when ours are used up: in those a
// job whose processes were killed is given up with its last word.
const spare = 5

func (r rule) options() *river.InsertOpts {
	return &river.InsertOpts{Queue: r.queue, MaxAttempts: r.attempts + spare}
}

// A Queue takes jobs for the Runners, of which none needs to be running.
type Queue struct {
	db     *database.DB
	client client
}

// NewQueue returns the queue that db keeps.
func NewQueue(db *database.DB, log *slog.Logger) (*Queue, error) {
	client, err := newClient(db, &river.Config{Logger: warnings(log)})
	if err != nil {
		return nil, err
	}
	return &Queue{db: db, client: client}, nil
}

// steps are how many jobs of one user may wait for a next one to go behind
// those of all who have fewer waiting: so nobody's thousand pictures stand in
// the way of another's first. What stands last is done once nothing else waits.
var steps = [...]int{3, 12, 48}

// priority is River's for a job whose user has so many waiting: 1 goes first.
func priority(waiting int) int {
	for i, step := range steps {
		if waiting < step {
			return i + 1
		}
	}
	return len(steps) + 1
}

// AddInTurn is Add for a job of a user who has so many of the kind waiting
// already: those of users with fewer go first.
func (q *Queue) AddInTurn(ctx context.Context, tx *database.DB, job models.Job, waiting int) error {
	return q.add(ctx, tx, job, priority(waiting))
}

// Add puts a job in the queue as part of tx, which must be the inside of a
// transaction: the job is done if and only if tx commits.
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

// A client is River on either dialect.
type client interface {
	add(ctx context.Context, tx *database.DB, job models.Job, opts *river.InsertOpts) error
	get(ctx context.Context, tx *database.DB, id int64) (*rivertype.JobRow, error)
	retry(ctx context.Context, tx *database.DB, id int64) error
	cancel(ctx context.Context, tx *database.DB, id int64) error
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

func newClient(db *database.DB, config *river.Config) (client, error) {
	if db.Dialect() == database.Postgres {
		c, err := river.NewClient(riverpgxv5.New(db.PgxPool()), config)
		if err != nil {
			return nil, fmt.Errorf("opening the job queue: %w", err)
		}
		return postgresClient{c}, nil
	}
	c, err := river.NewClient(riversqlite.New(db.SQLPool()), config)
	if err != nil {
		return nil, fmt.Errorf("opening the job queue: %w", err)
	}
	return sqliteClient{c}, nil
}

var errOutside = errors.New("a job is added inside a transaction only")

type sqliteClient struct{ *river.Client[*sql.Tx] }

func (c sqliteClient) add(ctx context.Context, tx *database.DB, job models.Job, opts *river.InsertOpts) error {
	inside := tx.SQLTx()
	if inside == nil {
		return errOutside
	}
	_, err := c.InsertTx(ctx, inside, job, opts)
	return err
}

type postgresClient struct{ *river.Client[pgx.Tx] }

func (c postgresClient) add(ctx context.Context, tx *database.DB, job models.Job, opts *river.InsertOpts) error {
	inside := tx.PgxTx()
	if inside == nil {
		return errOutside
	}
	_, err := c.InsertTx(ctx, inside, job, opts)
	return err
}

func (c sqliteClient) get(ctx context.Context, tx *database.DB, id int64) (*rivertype.JobRow, error) {
	return c.JobGetTx(ctx, tx.SQLTx(), id)
}

func (c sqliteClient) retry(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobRetryTx(ctx, tx.SQLTx(), id)
	return err
}

func (c sqliteClient) cancel(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobCancelTx(ctx, tx.SQLTx(), id)
	return err
}

func (c postgresClient) get(ctx context.Context, tx *database.DB, id int64) (*rivertype.JobRow, error) {
	return c.JobGetTx(ctx, tx.PgxTx(), id)
}

func (c postgresClient) retry(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobRetryTx(ctx, tx.PgxTx(), id)
	return err
}

func (c postgresClient) cancel(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobCancelTx(ctx, tx.PgxTx(), id)
	return err
}
