package database

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// minConns is how many connections a node needs to make progress: migrating holds one
// while it works on another.
const minConns = 2

// openPostgres opens one pool for GORM and our own SQL.
// pool_max_conns in the URL sets its size.
func openPostgres(ctx context.Context, url string, config *gorm.Config) (*DB, error) {
	settings, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The text of pgx's error contains the URL. It hides the password, but not
		// one in a URL that it cannot parse.
		return nil, fmt.Errorf("the database URL is not one PostgreSQL understands, such as postgres://user:password@host:5432/name")
	}
	if !strings.Contains(url, "pool_max_conns=") {
		settings.MaxConns = max(16, 4*int32(runtime.GOMAXPROCS(0))) //nolint:gosec // a number of cores
	}
	settings.MaxConns = max(minConns, settings.MaxConns)
	settings.AfterConnect = readTimesInUTC
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, err
	}
	conn := stdlib.OpenDBFromPool(pool)
	conn.SetMaxIdleConns(0) // the pool below keeps them
	opened, err := gorm.Open(postgres.New(postgres.Config{Conn: conn}), config)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &DB{gorm: opened, dialect: Postgres, sql: conn, pgx: pool}, nil
}

// readTimesInUTC makes times come back in UTC, as they do from SQLite.
func readTimesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
