package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// maxVoices is how many reporters of one report are stored; further ones are only
// counted.
const maxVoices = 200

// SendReport adds a reporter's voice to the open report about r's object, or opens
// r. A guest is the zero reporter. A second report by the same user is a Conflict.
func (db *DB) SendReport(ctx context.Context, r models.Report, reporter models.UserID, voice models.ReportVoice) error {
	const open = `
		INSERT INTO reports (id, object, owner_id, evidence, times, created_at, last_at, decision, note)
		VALUES ($1, $2, $3, $4, 1, $5, $6, '', '')
		ON CONFLICT (object) WHERE decided_at IS NULL DO UPDATE SET times = reports.times + 1, last_at = excluded.last_at
		RETURNING id, times`
	const add = `
		INSERT INTO report_reasons (id, report_id, reporter_id, reason, words, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (report_id, reporter_id) WHERE reporter_id IS NOT NULL DO NOTHING`
	return db.Tx(ctx, func(tx *DB) error {
		var times int
		if err := tx.row(ctx, open, []any{r.ID, r.Object, r.OwnerID, r.Evidence, r.CreatedAt, r.CreatedAt}, &r.ID, &times); err != nil {
			return tx.classify(err, "report")
		}
		if times > maxVoices {
			return nil
		}
		by := sql.NullString{String: string(reporter), Valid: reporter != ""}
		n, err := tx.exec(ctx, add, models.NewReportID(), r.ID, by, voice.Reason, voice.Words, voice.CreatedAt)
		if err == nil && n == 0 {
			return problem.New(problem.Conflict, "You have already reported this. A moderator will look at it.")
		}
		return tx.classify(err, "report")
	})
}

// ClaimReport gives an open report to a moderator, who alone can then decide it. It
// reports false if the report is not open, or if another moderator claimed it after since.
func (db *DB) ClaimReport(ctx context.Context, id models.ReportID, by models.UserID, now, since time.Time) (bool, error) {
	const claim = `
		UPDATE reports SET claimed_by = $1, claimed_at = $2
		WHERE id = $3 AND decided_at IS NULL AND (claimed_by IS NULL OR claimed_by = $1 OR claimed_at <= $4)`
	n, err := db.exec(ctx, claim, by, now, id, since)
	return n == 1, db.classify(err, "report")
}

// ReleaseReport ends the moderator's claim of a report. It reports false if the
// moderator does not hold it.
func (db *DB) ReleaseReport(ctx context.Context, id models.ReportID, by models.UserID) (bool, error) {
	const release = `UPDATE reports SET claimed_by = NULL, claimed_at = NULL WHERE id = $1 AND decided_at IS NULL AND claimed_by = $2`
	n, err := db.exec(ctx, release, id, by)
	return n == 1, db.classify(err, "report")
}

// DecideReport closes an open report that the moderator claimed. It reports false if
// the moderator does not hold it.
func (db *DB) DecideReport(
	ctx context.Context, id models.ReportID, by models.UserID, decision models.Decision, note string, now time.Time,
) (bool, error) {
	const decide = `
		UPDATE reports SET decision = $1, note = $2, decided_by = $3, decided_at = $4
		WHERE id = $5 AND decided_at IS NULL AND claimed_by = $3`
	n, err := db.exec(ctx, decide, decision, note, by, now, id)
	return n == 1, db.classify(err, "report")
}

// ReopenReport undoes the decision that r holds, and gives the report to the
// moderator. It reports false if the decision has changed, or if another moderator
// made it and anyones is not set. It returns a Conflict if there is a new report
// about the same object.
func (db *DB) ReopenReport(ctx context.Context, r models.Report, by models.UserID, anyones bool, now time.Time) (bool, error) {
	const reopen = `
		UPDATE reports SET decision = '', note = '', decided_by = NULL, decided_at = NULL, claimed_by = $1, claimed_at = $2
		WHERE id = $3 AND decided_at = $4 AND decision = $5 AND (decided_by = $1 OR $6 = 1)`
	if r.DecidedAt == nil {
		return false, nil
	}
	any := 0
	if anyones {
		any = 1
	}
	n, err := db.exec(ctx, reopen, by, now, r.ID, *r.DecidedAt, r.Decision, any)
	if err = db.classify(err, "report"); problem.KindOf(err) == problem.Conflict {
		err = problem.New(problem.Conflict, "There is a newer report about this. Decide that one instead.")
	}
	return n == 1, err
}

// ReportersOf returns the users who reported, each once.
func (db *DB) ReportersOf(ctx context.Context, id models.ReportID) ([]models.UserID, error) {
	const find = `SELECT reporter_id FROM report_reasons WHERE report_id = $1 AND reporter_id IS NOT NULL ORDER BY created_at, id`
	users, err := column[models.UserID](ctx, db, find, id)
	return users, db.classify(err, "report")
}
