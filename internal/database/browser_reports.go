package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// CountReport keeps the report, or counts it if one that says the same is
// kept. Of different reports it keeps no more than most: strangers send them.
func (db *DB) CountReport(ctx context.Context, r models.BrowserReport, most int) error {
	const count = `
		INSERT INTO browser_reports (id, kind, page, rule, blocked, times, first_at, last_at)
		SELECT $1, $2, $3, $4, $5, 1, $6, $6
		WHERE (SELECT COUNT(*) FROM browser_reports) < $7 OR EXISTS (SELECT 1 FROM browser_reports WHERE id = $1)
		ON CONFLICT (id) DO UPDATE SET times = browser_reports.times + 1, last_at = excluded.last_at`
	_, err := db.exec(ctx, count, r.ID, r.Kind, r.Page, r.Rule, r.Blocked, r.LastAt, most)
	return db.classify(err, "browser report")
}

// BrowserReports returns the reports that came before, latest first.
func (db *DB) BrowserReports(ctx context.Context, before models.Cursor, limit int) (models.Page[models.BrowserReport], error) {
	reports, err := gorm.G[models.BrowserReport](db.gorm).Where("(last_at, id) < (?, ?)", start(before), startID(before)).
		Order("last_at DESC, id DESC").Limit(limit + 1).Find(db.brief(ctx))
	if err != nil {
		return models.Page[models.BrowserReport]{}, db.classify(err, "browser report")
	}
	return models.PageOf(reports, limit, func(r models.BrowserReport) models.Cursor { return models.Cursor{At: r.LastAt, ID: r.ID} }), nil
}

// DeleteReportsBefore removes the reports that came last before then.
func (db *DB) DeleteReportsBefore(ctx context.Context, then time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM browser_reports WHERE last_at < $1`, then)
	return db.classify(err, "browser report")
}
