package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// writeTimeout is how long a writer waits for its turn on SQLite, and how long
// rolling back a transaction may take.
const writeTimeout = 5 * time.Second

// Tx runs fn in a transaction, which commits if fn returns nil. Inside fn, use
// only the DB that it gets. A Tx of that DB joins the open transaction.
func (db *DB) Tx(ctx context.Context, fn func(tx *DB) error) error {
	if db.inTx() {
		return fn(db)
	}
	inside := *db
	inside.woken = map[string]bool{}
	run := inside.txSQLite
	if db.dialect == Postgres {
		run = inside.txPostgres
	}
	if err := db.write(ctx, func(*DB) error { return run(ctx, fn) }); err != nil {
		return err
	}
	for queue := range inside.woken {
		db.signals.send(queue)
	}
	return nil
}

func (db *DB) inTx() bool { return db.sqlTx != nil || db.pgxTx != nil }

// write runs fn while nothing else in this process writes to SQLite. Waiting here
// is fair and holds no connection; waiting in SQLite is neither.
func (db *DB) write(ctx context.Context, fn func(db *DB) error) error {
	if db.inTx() {
		return fn(db)
	}
	db.counted.writes.Add(1)
	if db.writing == nil {
		return fn(db)
	}
	timer := time.NewTimer(writeTimeout)
	defer timer.Stop()
	select {
	case db.writing <- struct{}{}:
		defer func() { <-db.writing }()
		return fn(db)
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	case <-timer.C:
		return busy()
	}
}

func (db *DB) txSQLite(ctx context.Context, fn func(tx *DB) error) error {
	opened, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return db.classify(err, "transaction")
	}
	// This also runs when fn panics. After Commit it does nothing.
	defer opened.Rollback() //nolint:errcheck // the error that led here says more
	inside := *db
	inside.sqlTx = opened
	var pool gorm.ConnPool = opened
	if prepared, ok := db.gorm.ConnPool.(*gorm.PreparedStmtDB); ok {
		pool = &gorm.PreparedStmtTX{PreparedStmtDB: prepared, Tx: opened}
	}
	inside.gorm = db.onConn(ctx, pool)
	if err := fn(&inside); err != nil {
		return err
	}
	return db.classify(opened.Commit(), "transaction")
}

// txPostgres opens the transaction with pgx, whose rollback can have a deadline of its own,
// on a connection that it then gives to GORM.
func (db *DB) txPostgres(ctx context.Context, fn func(tx *DB) error) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return db.classify(err, "transaction")
	}
	defer conn.Close() //nolint:errcheck // it only goes back to the pool
	var opened pgx.Tx
	err = conn.Raw(func(driver any) (err error) {
		opened, err = driver.(*stdlib.Conn).Conn().Begin(ctx) //nolint:forcetypeassert // db.sql was made by stdlib
		return err
	})
	if err != nil {
		return db.classify(err, "transaction")
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer cancel()
		opened.Rollback(ctx) //nolint:errcheck // as in txSQLite
	}()
	inside := *db
	inside.pgxTx = opened
	inside.gorm = db.onConn(ctx, conn)
	if err := fn(&inside); err != nil {
		return err
	}
	return db.classify(opened.Commit(ctx), "transaction")
}

// onConn returns a GORM session bound to conn.
func (db *DB) onConn(ctx context.Context, conn gorm.ConnPool) *gorm.DB {
	session := db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx})
	session.Statement.ConnPool = conn
	return session
}

// take returns the one row that meets the condition. It does not use gorm.G, which the
// compiler repeats for each type: that made the program four megabytes larger.
func take[T any](ctx context.Context, db *DB, where string, args ...any) (row T, err error) {
	err = db.gorm.WithContext(ctx).Where(where, args...).Take(&row).Error
	return row, err
}

// find returns the rows of a query.
func find[T any](query *gorm.DB) (rows []T, err error) {
	err = query.Find(&rows).Error
	return rows, err
}

// create inserts a row through GORM, or returns Conflict if there is one like it. That is
// no failure of the statement, so that GORM does not log it as an error. Apart from put,
// nothing else writes through GORM.
func create[T any](ctx context.Context, db *DB, noun string, row *T) error {
	var rows int64
	err := db.write(ctx, func(db *DB) error {
		done := db.gorm.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row)
		rows = done.RowsAffected
		return done.Error
	})
	if err == nil && rows == 0 {
		return conflict(noun)
	}
	return db.classify(err, noun)
}

// put is create for a table with the primary key (authority, name): it updates the
// given columns of the row with the same key.
func put[T any](ctx context.Context, db *DB, noun string, row *T, columns ...string) error {
	replace := clause.OnConflict{
		Columns: []clause.Column{{Name: "authority"}, {Name: "name"}}, DoUpdates: clause.AssignmentColumns(columns),
	}
	return db.classify(db.write(ctx, func(db *DB) error { return db.gorm.WithContext(ctx).Clauses(replace).Create(row).Error }), noun)
}

// exec runs a statement and returns how many rows it changed.
func (db *DB) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.write(ctx, func(db *DB) error {
		result, err := db.gorm.Statement.ConnPool.ExecContext(ctx, query, db.args(args)...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}

// change runs a statement that changes one row, or returns NotFound if it changes none.
func (db *DB) change(ctx context.Context, noun, query string, args ...any) error {
	n, err := db.exec(ctx, query, args...)
	if err == nil && n == 0 {
		return notFound(noun)
	}
	return db.classify(err, noun)
}

// row reads one row into dest.
func (db *DB) row(ctx context.Context, query string, args []any, dest ...any) error {
	db.counted.reads.Add(1)
	return db.gorm.Statement.ConnPool.QueryRowContext(db.uncancelled(ctx), query, db.args(args)...).Scan(dest...)
}

// list reads every row into a T, at the places that fields returns.
func list[T any](ctx context.Context, db *DB, query string, args []any, fields func(v *T) []any) ([]T, error) {
	all := []T{}
	err := db.rows(ctx, query, args, func(rows *sql.Rows) error {
		var v T
		err := rows.Scan(fields(&v)...)
		all = append(all, v)
		return err
	})
	return all, err
}

// column reads the only column of every row.
func column[T any](ctx context.Context, db *DB, query string, args ...any) ([]T, error) {
	return list(ctx, db, query, args, func(v *T) []any { return []any{v} })
}

// rows reads every row with scan.
func (db *DB) rows(ctx context.Context, query string, args []any, scan func(rows *sql.Rows) error) error {
	db.counted.reads.Add(1)
	rows, err := db.gorm.Statement.ConnPool.QueryContext(db.uncancelled(ctx), query, db.args(args)...)
	if err != nil {
		return err
	}
	return each(rows, scan)
}

// each reads every row with scan and closes rows.
func each(rows *sql.Rows, scan func(rows *sql.Rows) error) error {
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// args returns the arguments as the dialect requires them.
func (db *DB) args(args []any) []any {
	if db.dialect == SQLite {
		for i, v := range args {
			args[i] = inUTC(v)
		}
	}
	return args
}

// uncancelled returns the context for a read. On SQLite it is never cancelled: the
// driver would start a goroutine for each row to wait for the end of the context,
// which costs more than the row.
func (db *DB) uncancelled(ctx context.Context) context.Context {
	if db.dialect == SQLite {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// SQLPool returns the connections.
func (db *DB) SQLPool() *sql.DB { return db.sql }
