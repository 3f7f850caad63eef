package database_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/migrations"
)

func open(t *testing.T, url string) (*database.DB, error) {
	t.Helper()
	db, err := database.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Cleanup(func() { must(t, db.Close()) })
	}
	return db, err
}

// The dialects have the same tables with the same columns, except for search.
func TestMigrations_DialectsAgree(t *testing.T) {
	columns := map[string]map[string]bool{}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		query := `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'post_search%' AND m.name NOT LIKE 'goose%'
				AND m.name NOT LIKE 'sqlite%' AND m.name || '.' || c.name <> 'posts.seq'`
		if db.Dialect() == database.Postgres {
			query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()
				AND table_name NOT LIKE 'post_search%' AND table_name NOT LIKE 'goose%'`
		}
		rows, err := db.SQLPool().QueryContext(t.Context(), query)
		must(t, err)
		defer rows.Close()
		found := map[string]bool{}
		for rows.Next() {
			var column string
			must(t, rows.Scan(&column))
			found[column] = true
		}
		must(t, rows.Err())
		columns[db.Dialect()] = found
	})
	if s, p := columns[database.SQLite], columns[database.Postgres]; p != nil && !maps.Equal(s, p) || len(s) < 200 {
		t.Errorf("sqlite has %v, postgres has %v", slices.Sorted(maps.Keys(s)), slices.Sorted(maps.Keys(p)))
	}
}

// Every token and every mark of a line is known.
func TestMigrations_AreExpanded(t *testing.T) {
	for _, dialect := range []migrations.Dialect{migrations.SQLite, migrations.Postgres} {
		files, err := fs.Glob(dialect, "*.sql")
		must(t, err)
		if len(files) == 0 {
			t.Fatal("there are no migrations")
		}
		for _, name := range files {
			text, err := fs.ReadFile(dialect, name)
			must(t, err)
			if strings.ContainsAny(string(text), "{}") {
				t.Errorf("%s has a token that nothing replaces:\n%s", name, text)
			}
		}
	}
}

func TestMigrate_ByManyNodesAtOnce(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				db, err := database.Open(t.Context(), url, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(db.Migrate(t.Context()), db.Migrate(t.Context()), db.Ping(t.Context()), db.Close()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		db, err := open(t, url)
		must(t, err)
		newUser(t, db, "ann")
	})
}

func TestOpen_RefusesANewerDatabase(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		db, err := open(t, url)
		must(t, err)
		must(t, db.Migrate(t.Context()))
		_, err = db.SQLPool().ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
		must(t, err)
		_, err = open(t, url)
		if err == nil || !strings.Contains(err.Error(), "version 9999") {
			t.Errorf("Open = %v, want an error that names the version", err)
		}
		if err := db.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "version 9999") {
			t.Errorf("Migrate = %v, want an error that names the version", err)
		}
	})
}

func TestOpen_RefusesOtherURLs(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "sqlite://", "cloakroom.db", "postgres://me:hunter2@host:notaport/x"} {
		_, err := open(t, url)
		if err == nil {
			t.Errorf("Open(%q) succeeded", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) tells the password: %v", url, err)
		}
	}
}

func TestOpen_OnlyWeMayReadTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "a?b#c%20.db")
	db, err := open(t, "sqlite://"+file)
	must(t, err)
	must(t, db.Migrate(t.Context()))
	entries, err := os.ReadDir(filepath.Dir(file))
	must(t, err)
	wantEqual(t, "files beside the database", len(entries), 3) // itself, -wal and -shm
	for _, entry := range entries {
		info, err := entry.Info()
		must(t, err)
		if !strings.HasPrefix(entry.Name(), "a?b#c%20.db") || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", entry.Name(), info.Mode())
		}
	}
	info, err := os.Stat(filepath.Dir(file))
	must(t, err)
	wantEqual(t, "mode of the directory", info.Mode().Perm(), fs.FileMode(0o700))
}

// A committed transaction survives a power cut, and foreign keys are enforced.
func TestOpen_SQLiteIsSetUp(t *testing.T) {
	db := databasetest.New(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		must(t, db.SQLPool().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		wantEqual(t, pragma, got, want)
	}
	if err := db.CreateFile(t.Context(), &models.File{ID: "F", OwnerID: "NOBODY"}); err == nil || problem.KindOf(err) != problem.Internal {
		t.Errorf("a file of nobody's: err = %v, want an internal one", err)
	}
}
