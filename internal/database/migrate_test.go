package database_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path"
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

func TestMigrations_DialectsAgree(t *testing.T) {
	names := func(dialect string) (names []string) {
		files, err := fs.Glob(migrations.FS, dialect+"/*.sql")
		must(t, err)
		for _, f := range files {
			names = append(names, path.Base(f))
		}
		return names
	}
	if s, p := names(database.SQLite), names(database.Postgres); !slices.Equal(s, p) || len(s) == 0 {
		t.Errorf("sqlite has %v, postgres has %v", s, p)
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

// What was answered for survives a power cut, and rows hold together.
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
