package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// Noting returns a db that passes every query to note before it runs.
func (db *DB) Noting(note func(query string, args []any)) *DB {
	noting := *db
	noting.gorm = db.onConn(context.Background(), noter{db.gorm.ConnPool, note})
	return &noting
}

// Exec runs any statement.
func (db *DB) Exec(ctx context.Context, query string) error {
	_, err := db.exec(ctx, query)
	return err
}

type noter struct {
	gorm.ConnPool
	note func(query string, args []any)
}

func (n noter) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	n.note(query, args)
	return n.ConnPool.QueryContext(ctx, query, args...)
}

func (n noter) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	n.note(query, args)
	return n.ConnPool.QueryRowContext(ctx, query, args...)
}
