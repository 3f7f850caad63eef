package database_test

import (
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"

	"example.org/cloakroom/internal/database/databasetest"
)

// SQLite compiles a prepared statement once, and not each time it runs. It asks the
// authorizer about each part of a statement that it compiles.
func TestSQLite_KeepsPlans(t *testing.T) {
	ctx := t.Context()
	conn, err := databasetest.New(t).SQLPool().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var compiled atomic.Int64
	if err := conn.Raw(func(driver any) error {
		driver.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(int, string, string, string) int { //nolint:forcetypeassert // it is SQLite
			compiled.Add(1)
			return sqlite3.SQLITE_OK
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`SELECT COUNT(*) FROM files f LEFT JOIN posts p ON p.id = f.post_id WHERE f.id = $1 AND (f.owner_id = $1 OR p.author_id = $1)`,
		`SELECT COUNT(*) FROM (SELECT id FROM posts ORDER BY created_at DESC LIMIT $1) some`,
	} {
		statement, err := conn.PrepareContext(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		defer statement.Close()
		before := compiled.Load()
		for i := range 5 {
			var n int
			if err := statement.QueryRowContext(ctx, i).Scan(&n); err != nil {
				t.Fatal(err)
			}
		}
		if again := compiled.Load() - before; before == 0 || again != 0 {
			t.Errorf("running it compiled %d parts of %s", again, query)
		}
	}
}
