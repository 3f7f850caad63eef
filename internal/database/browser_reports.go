package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CountReport stores the report, or counts it if an equal one is stored. It stores up
// to most different reports, because anybody can send them.
func (db *DB) CountReport(ctx context.Context, r models.BrowserReport, most int) error {
	const count = `
		INSERT INTO browser_reports (id, kind, page, rule, blocked, times, first_at, last_at)
		SELECT $1, $2, $3, $4, $5, 1, $6, $6
		WHERE (SELECT COUNT(*) FROM browser_reports) < $7 OR EXISTS (SELECT 1 FROM browser_reports WHERE id = $1)
		ON CONFLICT (id) DO UPDATE SET times = browser_reports.times + 1, last_at = excluded.last_at`
	_, err := db.exec(ctx, count, r.ID, r.Kind, r.Page, r.Rule, r.Blocked, r.LastAt, most)
	return db.classify(err, "browser report")
}

// BrowserReports returns the reports that came before the cursor, of one kind or, if
// kind is empty, of all, latest first.
func (db *DB) BrowserReports(
	ctx context.Context, kind string, before models.Cursor, limit int,
) (models.Page[models.BrowserReport], error) {
	reports, err := find[models.BrowserReport](db.gorm.WithContext(db.uncancelled(ctx)).
		Where("(last_at, id) < (?, ?) AND (? = '' OR kind = ?)", start(before), startID(before), kind, kind).
		Order("last_at DESC, id DESC").Limit(limit + 1))
	if err != nil {
		return models.Page[models.BrowserReport]{}, db.classify(err, "browser report")
	}
	return models.PageOf(reports, limit, func(r models.BrowserReport) models.Cursor { return models.Cursor{At: r.LastAt, ID: r.ID} }), nil
}

// BrowserReportKinds returns up to limit kinds of reports, the most frequent first.
func (db *DB) BrowserReportKinds(ctx context.Context, limit int) ([]string, error) {
	const find = `SELECT kind FROM browser_reports GROUP BY kind ORDER BY COUNT(*) DESC, kind LIMIT $1`
	kinds, err := column[string](ctx, db, find, limit)
	return kinds, db.classify(err, "browser report")
}

// DeleteBrowserReport removes a report, or returns NotFound.
func (db *DB) DeleteBrowserReport(ctx context.Context, id string) error {
	return db.change(ctx, "browser report", `DELETE FROM browser_reports WHERE id = $1`, id)
}

// DeleteBrowserReports removes all reports and returns their number.
func (db *DB) DeleteBrowserReports(ctx context.Context) (int64, error) {
	n, err := db.exec(ctx, `DELETE FROM browser_reports`)
	return n, db.classify(err, "browser report")
}

// DeleteReportsBefore removes the reports whose last occurrence is before then.
func (db *DB) DeleteReportsBefore(ctx context.Context, then time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM browser_reports WHERE last_at < $1`, then)
	return db.classify(err, "browser report")
}
