// Package databasetest gives tests a real, empty database of either dialect.
package databasetest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/testenv"
)

// New returns an empty, migrated SQLite database that lives as long as the test.
func New(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, newFile(t))
}

// newFile returns the URL of an empty, migrated SQLite database.
func newFile(t testing.TB) string {
	t.Helper()
	content, err := migratedFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite://" + path
}

// NewPostgres is New on PostgreSQL.
func NewPostgres(t testing.TB) *database.DB {
	t.Helper()
	return Open(t, testenv.PostgresFrom(t, migrate))
}

// Each runs test on an empty, migrated database of each dialect.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, New(t)) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, NewPostgres(t)) })
}

// EachURL runs test with the URL of an empty database of each dialect that is
// not migrated.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db")) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, testenv.Postgres(t)) })
}

// EachMigratedURL runs test with the URL of an empty, migrated database of each dialect, to
// be opened several times, or inside a bubble of testing/synctest.
func EachMigratedURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, newFile(t)) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, testenv.PostgresFrom(t, migrate)) })
}

// migratedFile returns the content of an empty, migrated SQLite database. It
// migrates once in a process: copying a file costs far less.
var migratedFile = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "cloakroom-databasetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite://" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// migrate migrates the database at url, and closes it.
func migrate(url string) error {
	ctx := context.Background() // a template outlives the first test that needs it
	db, err := database.Open(ctx, url, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

// Open opens a database until the test ends.
func Open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}
