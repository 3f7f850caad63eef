package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// reportColumns are the columns that reportFields reads.
const reportColumns = `
	SELECT r.id, r.object, r.owner_id, r.evidence, r.times, r.created_at, r.last_at, COALESCE(r.claimed_by, ''), r.claimed_at,
		COALESCE(r.decided_by, ''), r.decided_at, r.decision, r.note, o.username, COALESCE(c.username, ''), COALESCE(d.username, '')
	FROM reports r JOIN users o ON o.id = r.owner_id
		LEFT JOIN users c ON c.id = r.claimed_by LEFT JOIN users d ON d.id = r.decided_by`

// OpenReports returns the undecided reports that are newer than after, oldest first.
func (db *DB) OpenReports(ctx context.Context, after models.Cursor, limit int) (models.Page[models.ReportView], error) {
	const find = reportColumns + `
		WHERE r.decided_at IS NULL AND (r.created_at, r.id) > ($1, $2) ORDER BY r.created_at, r.id LIMIT $3`
	return db.reports(ctx, limit, find, after.At, after.ID, limit+1)
}

// DecidedReports returns the reports that were decided earlier than before, the
// latest first.
func (db *DB) DecidedReports(ctx context.Context, before models.Cursor, limit int) (models.Page[models.ReportView], error) {
	const find = reportColumns + `
		WHERE r.decided_at IS NOT NULL AND (r.decided_at, r.id) < ($1, $2) ORDER BY r.decided_at DESC, r.id DESC LIMIT $3`
	return db.reports(ctx, limit, find, start(before), startID(before), limit+1)
}

func (db *DB) reports(ctx context.Context, limit int, query string, args ...any) (models.Page[models.ReportView], error) {
	items, err := list(ctx, db, query, args, reportFields)
	return models.PageOf(items, limit, models.ReportView.Cursor), db.classify(err, "report")
}

// reportFields returns where to scan reportColumns.
func reportFields(v *models.ReportView) []any {
	return []any{&v.ID, &v.Object, &v.OwnerID, &v.Evidence, &v.Times, &v.CreatedAt, &v.LastAt, &v.ClaimedBy, &v.ClaimedAt,
		&v.DecidedBy, &v.DecidedAt, &v.Decision, &v.Note, &v.Owner, &v.Claimer, &v.Decider}
}

// ReportByID returns a report, or NotFound.
func (db *DB) ReportByID(ctx context.Context, id models.ReportID) (v models.ReportView, err error) {
	err = db.row(ctx, reportColumns+` WHERE r.id = $1`, []any{id}, reportFields(&v)...)
	return v, db.classify(err, "report")
}

// CountOpenReports counts the undecided reports, up to most.
func (db *DB) CountOpenReports(ctx context.Context, most int) (n int64, err error) {
	const count = `SELECT COUNT(*) FROM (SELECT 1 FROM reports WHERE decided_at IS NULL ORDER BY created_at, id LIMIT $1) AS open`
	err = db.row(ctx, count, []any{most}, &n)
	return n, db.classify(err, "report")
}

// ReportVoices returns up to limit of what the reporters said, oldest first.
func (db *DB) ReportVoices(ctx context.Context, id models.ReportID, limit int) ([]models.ReportVoice, error) {
	const find = `
		SELECT COALESCE(u.username, ''), s.reason, s.words, s.created_at
		FROM report_reasons s LEFT JOIN users u ON u.id = s.reporter_id
		WHERE s.report_id = $1 ORDER BY s.created_at, s.id LIMIT $2`
	voices, err := list(ctx, db, find, []any{id, limit}, func(v *models.ReportVoice) []any {
		return []any{&v.Reporter, &v.Reason, &v.Words, &v.CreatedAt}
	})
	return voices, db.classify(err, "report")
}

// SentReports returns the user's own reports that are older than before, newest first.
func (db *DB) SentReports(
	ctx context.Context, user models.UserID, before models.Cursor, limit int,
) (models.Page[models.SentReport], error) {
	const find = `
		SELECT s.id, r.object, s.reason, s.words, s.created_at, r.decided_at, r.decision, r.note
		FROM report_reasons s JOIN reports r ON r.id = s.report_id
		WHERE s.reporter_id = $1 AND (s.created_at, s.id) < ($2, $3) ORDER BY s.created_at DESC, s.id DESC LIMIT $4`
	items, err := list(ctx, db, find, []any{user, start(before), startID(before), limit + 1}, func(r *models.SentReport) []any {
		return []any{&r.ID, &r.Object, &r.Reason, &r.Words, &r.CreatedAt, &r.DecidedAt, &r.Decision, &r.Note}
	})
	return models.PageOf(items, limit, models.SentReport.Cursor), db.classify(err, "report")
}
