// Package databasetest gives tests a real, empty database of either dialect.
package databasetest

import (
	"log/slog"
	"path/filepath"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/testenv"
)

// New returns an empty, migrated SQLite database that lives as long as the
// test.
func New(t testing.TB) *database.DB {
	t.Helper()
	return open(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db"))
}

// NewPostgres is New on PostgreSQL.
func NewPostgres(t testing.TB) *database.DB {
	t.Helper()
	return open(t, testenv.Postgres(t))
}

// Each runs test on an empty, migrated database of each dialect.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, New(t)) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, NewPostgres(t)) })
}

// EachURL runs test with the URL of an empty database of each dialect that
// nobody has migrated.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) { test(t, "sqlite://"+filepath.Join(t.TempDir(), "test.db")) })
	t.Run(database.Postgres, func(t *testing.T) { test(t, testenv.Postgres(t)) })
}

func open(t testing.TB, url string) *database.DB {
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
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
