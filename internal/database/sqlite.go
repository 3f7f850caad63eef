package database

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// sqliteOptions: readers do not wait for the writer (WAL); a committed transaction
// survives a power cut (FULL); a transaction takes its lock at its start, because
// one that reads first and writes later may fail (immediate).
const sqliteOptions = "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_txlock=immediate&_foreign_keys=1&_cache_size=-8000"

// sqliteDialect binds every time in UTC: SQLite stores times as text and compares
// them as text.
type sqliteDialect struct{ *sqlite.Dialector }

// forever is the time by which GORM keeps prepared statements without a goroutine that
// looks for old ones.
const forever = 10 * 365 * 24 * time.Hour

func openSQLite(path string, config *gorm.Config) (*DB, error) {
	if path == "" {
		return nil, errors.New("the database URL names no file: write sqlite://cloakroom.db or sqlite:///var/lib/cloakroom/cloakroom.db")
	}
	path = filepath.Clean(path)
	if err := errors.Join(keepPlans(), makeFile(path)); err != nil {
		return nil, err
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	// Statements run many times, and preparing one costs more than running it.
	config.PrepareStmt = true
	config.PrepareStmtTTL = forever
	conn, err := openFresh("file:"+escaped+sqliteOptions, config)
	if err != nil {
		return nil, err
	}
	pool, err := conn.DB()
	if err != nil {
		return nil, err
	}
	// A connection uses one core; a few more make up for those that wait for the
	// disk. All stay open, because each keeps its prepared statements.
	size := max(4, 2*runtime.GOMAXPROCS(0))
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return &DB{gorm: conn, dialect: SQLite, dir: filepath.Dir(path), sql: pool, writing: make(chan struct{}, 1)}, nil
}

const (
	freshWait  = 20 * time.Millisecond
	freshTries = 250 // 5 seconds, as for every other lock
)

// openFresh opens a database that other processes may be opening for the first
// time. The one that changes the journal to WAL has the file to itself for a moment,
// and SQLite refuses the others at once instead of making them wait.
func openFresh(dsn string, config *gorm.Config) (conn *gorm.DB, err error) {
	for range freshTries {
		conn, err = gorm.Open(sqliteDialect{&sqlite.Dialector{DSN: dsn}}, config)
		var refused sqlite3.Error
		if !errors.As(err, &refused) || refused.Code != sqlite3.ErrBusy {
			return conn, err
		}
		if conn != nil {
			if pool, failed := conn.DB(); failed == nil {
				_ = pool.Close() // it holds nothing
			}
		}
		<-time.After(freshWait) // nothing signals the end of the lock
	}
	return nil, err
}

// makeFile creates an empty database that only our user can read; SQLite gives the
// files beside it the same mode. It does not open a file that exists: closing it
// would release the locks that this process has on it.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is a setting
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating the database file: %w", err)
	}
	return f.Close()
}

// BindVarTo implements gorm.Dialector. GORM has already appended v to stmt.Vars.
func (d sqliteDialect) BindVarTo(w clause.Writer, stmt *gorm.Statement, v any) {
	stmt.Vars[len(stmt.Vars)-1] = inUTC(v)
	d.Dialector.BindVarTo(w, stmt, v)
}

// inUTC returns v, in UTC if it is a time. Values that are not bound by GORM pass
// through it too.
func inUTC(v any) any {
	switch t := v.(type) {
	case time.Time:
		return t.UTC()
	case *time.Time:
		if t != nil {
			return t.UTC()
		}
	}
	return v
}
