// Package database stores the models in SQLite or PostgreSQL. It alone uses GORM
// and SQL.
//
// GORM is for inserts (create and put are the only writes through it) and for lists
// by an owner or by a set of IDs. Everything else is our own SQL: constants, the same
// text for both dialects, with the rights of rights.go spliced in. SQLite numbers
// $1, $2 … in the order in which they appear, so each statement uses them in that order.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"example.org/cloakroom/internal/problem"
)

// The dialects, as Dialect returns them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// A DB gives access to the rows, inside a transaction or outside one.
type DB struct {
	gorm    *gorm.DB
	dialect string
	dir     string // directory of the SQLite file
	log     *slog.Logger
	sql     *sql.DB
	pgx     *pgxpool.Pool // nil on SQLite
	writing chan struct{} // on SQLite: full while something writes; else nil
	signals *jobSignals
	counted *statements

	// The open transaction, if there is one.
	sqlTx *sql.Tx
	pgxTx pgx.Tx
	woken map[string]bool // queues to wake after it
}

// Open connects to url, whose scheme picks the dialect. It refuses a database that
// a newer version of the program has migrated. It does not migrate.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	db, err := connect(ctx, url, &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true, // one statement is one transaction already
		Logger: logger.NewSlogLogger(log, logger.Config{
			LogLevel:                  logger.Warn,
			SlowThreshold:             time.Second,
			IgnoreRecordNotFoundError: true,
			ParameterizedQueries:      true, // values may be secret
		}),
	})
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db.log, db.signals, db.counted = log, &jobSignals{queue: map[chan struct{}]string{}}, new(statements)
	if err := db.countReads(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database: %w", err), db.Close())
	}
	if err := db.refuseNewer(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func connect(ctx context.Context, url string, config *gorm.Config) (*DB, error) {
	scheme, path, _ := strings.Cut(url, "://")
	switch scheme {
	case "sqlite":
		return openSQLite(path, config)
	case "postgres", "postgresql":
		return openPostgres(ctx, url, config)
	}
	return nil, fmt.Errorf("the database URL must start with sqlite:// or postgres://")
}

// Close releases the connections.
func (db *DB) Close() error {
	err := db.sql.Close()
	if db.pgx != nil {
		db.pgx.Close()
	}
	return err
}

// Ping returns an error if the database does not answer.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.sql.PingContext(ctx); err != nil {
		return fmt.Errorf("asking the database: %w", err)
	}
	return nil
}

// Dialect returns SQLite or Postgres.
func (db *DB) Dialect() string { return db.dialect }

// busy is the problem of a writer that waited in vain.
func busy() error {
	p := problem.New(problem.Unavailable, "The server is busy. Try again in a moment.")
	p.RetryIn = time.Second
	return p
}

// classify turns errors that users can cause into problems about noun. It returns
// problems unchanged.
func (db *DB) classify(err error, noun string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
		return err
	}
	if translator, ok := db.gorm.Dialector.(gorm.ErrorTranslator); ok {
		if translated := translator.Translate(err); translated != nil {
			err = translated
		}
	}
	if e, ok := errors.AsType[sqlite3.Error](err); ok && e.Code == sqlite3.ErrBusy {
		return busy()
	}
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return notFound(noun)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return conflict(noun)
	}
	return fmt.Errorf("%s: %w", noun, err)
}

func isNotFound(err error) bool { return problem.KindOf(err) == problem.NotFound }

func conflict(noun string) error {
	return problem.New(problem.Conflict, "This %s already exists.", noun)
}

func notFound(noun string) error {
	return problem.New(problem.NotFound, "This %s does not exist.", noun)
}
