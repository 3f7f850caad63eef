package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/cloakroom/internal/models"
)

// Totals counts users, posts, comments and files. It reads whole indexes, though no
// table, so callers must not ask for it on every request.
func (db *DB) Totals(ctx context.Context) (t models.Totals, err error) {
	const count = `
		SELECT u.n, u.bytes, (SELECT COUNT(*) FROM users WHERE suspended_at IS NOT NULL), (SELECT COUNT(*) FROM users WHERE role = 'admin'),
			(SELECT COUNT(*) FROM posts) - (SELECT COUNT(*) FROM posts WHERE deleted_at IS NOT NULL),
			(SELECT COUNT(*) FROM comments), (SELECT COUNT(*) FROM files)
		FROM (SELECT COUNT(*) AS n, CAST(COALESCE(SUM(storage_used), 0) AS BIGINT) AS bytes FROM users) u`
	err = db.row(ctx, count, nil, &t.Users, &t.Bytes, &t.Suspended, &t.Admins, &t.Posts, &t.Comments, &t.Files)
	return t, db.classify(err, "number")
}

// KeepTotals stores the totals for KeptTotals, instead of those before.
func (db *DB) KeepTotals(ctx context.Context, t models.Totals, at time.Time) error {
	const keep = `
		INSERT INTO kept_totals (id, counted_at, users, suspended, admins, posts, comments, files, bytes)
		VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET counted_at = excluded.counted_at, users = excluded.users, suspended = excluded.suspended,
			admins = excluded.admins, posts = excluded.posts, comments = excluded.comments, files = excluded.files, bytes = excluded.bytes`
	_, err := db.exec(ctx, keep, at, t.Users, t.Suspended, t.Admins, t.Posts, t.Comments, t.Files, t.Bytes)
	return db.classify(err, "number")
}

// KeptTotals returns the stored totals and when they were counted, or NotFound.
func (db *DB) KeptTotals(ctx context.Context) (t models.Totals, at time.Time, err error) {
	const find = `SELECT counted_at, users, suspended, admins, posts, comments, files, bytes FROM kept_totals WHERE id = 1`
	err = db.row(ctx, find, nil, &at, &t.Users, &t.Suspended, &t.Admins, &t.Posts, &t.Comments, &t.Files, &t.Bytes)
	return t, at.UTC(), db.classify(err, "number")
}

// Each query counts what was created on each day from $1 to $2: it scans an index
// once a day, and sorts nothing.
const (
	days   = `WITH RECURSIVE days(day) AS (SELECT $1 UNION ALL SELECT date(day, '+1 day') FROM days WHERE day < $2) `
	daysPG = `FROM generate_series($1::timestamptz, $2::timestamptz, interval '24 hours') AS day ORDER BY day`

	// SQLite stores times as text, which begins with the day.
	usersByDay = days + `SELECT day, (SELECT COUNT(*) FROM users WHERE created_at >= day AND created_at < date(day, '+1 day')), 0 FROM days`
	filesByDay = days + `
		SELECT day, (SELECT COUNT(*) FROM files WHERE created_at >= day AND created_at < date(day, '+1 day')),
			(SELECT COALESCE(SUM(size), 0) FROM files WHERE created_at >= day AND created_at < date(day, '+1 day')) FROM days`

	usersByDayPG = `
		SELECT to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
			(SELECT COUNT(*) FROM users WHERE created_at >= day AND created_at < day + interval '24 hours'), 0 ` + daysPG
	filesByDayPG = `
		SELECT to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
			(SELECT COUNT(*) FROM files WHERE created_at >= day AND created_at < day + interval '24 hours'),
			(SELECT COALESCE(SUM(size), 0)::bigint FROM files WHERE created_at >= day AND created_at < day + interval '24 hours') ` + daysPG
)

// UsersByDay returns how many of the current users registered on each day from first
// to last, which are the starts of days in UTC.
func (db *DB) UsersByDay(ctx context.Context, first, last time.Time) ([]models.DayCount, error) {
	if db.dialect == Postgres {
		return db.byDay(ctx, usersByDayPG, first, last)
	}
	return db.byDay(ctx, usersByDay, first.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
}

// UploadsByDay is UsersByDay for the current files.
func (db *DB) UploadsByDay(ctx context.Context, first, last time.Time) ([]models.DayCount, error) {
	if db.dialect == Postgres {
		return db.byDay(ctx, filesByDayPG, first, last)
	}
	return db.byDay(ctx, filesByDay, first.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
}

func (db *DB) byDay(ctx context.Context, query string, first, last any) (counts []models.DayCount, err error) {
	err = db.rows(ctx, query, []any{first, last}, func(rows *sql.Rows) error {
		var c models.DayCount
		var day string
		if err := rows.Scan(&day, &c.N, &c.Bytes); err != nil {
			return err
		}
		if c.Day, err = time.Parse(time.DateOnly, day); err != nil {
			return fmt.Errorf("reading a day: %w", err)
		}
		counts = append(counts, c)
		return nil
	})
	return counts, db.classify(err, "number")
}
