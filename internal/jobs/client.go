package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

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

func newClient(db *database.DB, config *river.Config) (c client, err error) {
	if db.Dialect() == database.Postgres {
		c, err = wrap((*database.DB).PgxTx)(river.NewClient(riverpgxv5.New(db.PgxPool()), config))
	} else {
		c, err = wrap((*database.DB).SQLTx)(river.NewClient(riversqlite.New(db.SQLPool()), config))
	}
	if err != nil {
		return nil, fmt.Errorf("opening the job queue: %w", err)
	}
	return c, nil
}

// wrap returns a function that makes a client of what river.NewClient returns;
// inside returns the transaction of a DB in the type of its dialect.
func wrap[T comparable](inside func(*database.DB) T) func(*river.Client[T], error) (client, error) {
	return func(c *river.Client[T], err error) (client, error) { return riverClient[T]{c, inside}, err }
}

// A riverClient is River with the type that its transactions have in a dialect.
type riverClient[T comparable] struct {
	*river.Client[T]
	inside func(*database.DB) T
}

var errOutside = errors.New("jobs are added inside a transaction only")

func (c riverClient[T]) add(ctx context.Context, tx *database.DB, job models.Job, opts *river.InsertOpts) error {
	inside := c.inside(tx)
	if inside == *new(T) {
		return errOutside
	}
	_, err := c.InsertTx(ctx, inside, job, opts)
	return err
}

func (c riverClient[T]) get(ctx context.Context, tx *database.DB, id int64) (*rivertype.JobRow, error) {
	return c.JobGetTx(ctx, c.inside(tx), id)
}

func (c riverClient[T]) retry(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobRetryTx(ctx, c.inside(tx), id)
	return err
}

func (c riverClient[T]) cancel(ctx context.Context, tx *database.DB, id int64) error {
	_, err := c.JobCancelTx(ctx, c.inside(tx), id)
	return err
}
