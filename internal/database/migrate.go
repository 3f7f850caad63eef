package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"

	"example.org/cloakroom/migrations"
)

// migrateLock is the key of the advisory lock for migrations: "cloakroo" in ASCII.
const migrateLock = 0x636c6f616b726f6f

// Migrate brings the schema up to date. If several nodes start at once, one migrates
// and the others wait.
func (db *DB) Migrate(ctx context.Context) error {
	unlock, err := db.lockMigrations(ctx)
	if err != nil {
		return fmt.Errorf("waiting for another migration: %w", err)
	}
	defer unlock()
	if err := db.refuseNewer(ctx); err != nil {
		return err
	}
	provider, err := db.provider()
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	return nil
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, files := goose.DialectSQLite3, migrations.SQLite
	if db.dialect == Postgres {
		dialect, files = goose.DialectPostgres, migrations.Postgres
	}
	provider, err := goose.NewProvider(dialect, db.sql, files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(db.log))
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return provider, nil
}

// refuseNewer returns an error if a newer version of the program has migrated the
// database.
func (db *DB) refuseNewer(ctx context.Context) error {
	if !db.gorm.WithContext(ctx).Migrator().HasTable("goose_db_version") {
		return nil // it is not migrated yet
	}
	var have int64
	const applied = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`
	if err := db.row(ctx, applied, nil, &have); err != nil {
		return fmt.Errorf("reading the version of the database: %w", err)
	}
	provider, err := db.provider()
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("the database is at version %d, and this program only knows versions up to %d: "+
			"run the program that made it, or restore a backup from before the upgrade", have, newest)
	}
	return nil
}

func (db *DB) lockMigrations(ctx context.Context) (unlock func(), err error) {
	if db.dialect == Postgres {
		return db.lockPostgres(ctx)
	}
	return lockDirectory(ctx, db.dir)
}

// lockPostgres takes an advisory lock. The server releases it when the connection
// ends, even if the program crashes.
func (db *DB) lockPostgres(ctx context.Context) (unlock func(), err error) {
	conn, err := db.pgx.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(migrateLock)); err != nil {
		conn.Release()
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer cancel()
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(migrateLock)); err != nil {
			conn.Conn().Close(ctx) //nolint:errcheck // closing is the other way to unlock
		}
		conn.Release()
	}, nil
}

// lockDirectory locks the directory of the database. It does not lock the file,
// because this process would then lose SQLite's own locks on it.
func lockDirectory(ctx context.Context, dir string) (unlock func(), err error) {
	f, err := os.Open(dir) //nolint:gosec // from the settings
	if err != nil {
		return nil, err
	}
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil //nolint:errcheck // closing it is what unlocks
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-retry.C:
		}
	}
}
