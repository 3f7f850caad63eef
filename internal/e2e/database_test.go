package e2e_test

import (
	"log/slog"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
)

// openDatabase opens the database of a running site, to inspect it and to simulate the
// passage of time.
func openDatabase(t *testing.T, p place) *database.DB {
	t.Helper()
	address, found := strings.CutPrefix(p.settings[0], "DATABASE_URL=")
	if !found {
		t.Fatalf("the first setting is %s", p.settings[0])
	}
	db, err := database.Open(t.Context(), address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// ageJobs simulates an hour: the time of the jobs of a killed server is over, and the hourly
// jobs are due.
func ageJobs(t *testing.T, p place) {
	t.Helper()
	db := openDatabase(t, p)
	const age = "UPDATE jobs SET run_at = datetime('now', '-1 hour') WHERE state IN ('running', 'scheduled')"
	if _, err := db.SQLPool().ExecContext(t.Context(), age); err != nil {
		t.Fatal(err)
	}
}
