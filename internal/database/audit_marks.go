package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// markColumns are the columns of a mark, in the order of markFields.
const markColumns = `seq, hash, at, cut, signature`

// markFields returns where to scan markColumns.
func markFields(m *models.AuditMark) []any {
	return []any{&m.Seq, &m.Hash, &m.At, &m.Cut, &m.Signature}
}

// AuditMarks returns all marks in the order of their events. If there is a cut, it
// is the first.
func (db *DB) AuditMarks(ctx context.Context) ([]models.AuditMark, error) {
	marks, err := list(ctx, db, `SELECT `+markColumns+` FROM audit_marks ORDER BY seq`, nil, markFields)
	return marks, db.classify(err, "audit mark")
}

// AuditCut returns the mark at which the log is cut, or the zero mark.
func (db *DB) AuditCut(ctx context.Context) (m models.AuditMark, err error) {
	err = db.row(ctx, `SELECT `+markColumns+` FROM audit_marks WHERE cut`, nil, markFields(&m)...)
	if err = db.classify(err, "audit mark"); problem.KindOf(err) == problem.NotFound {
		return models.AuditMark{}, nil
	}
	return m, err
}

// LastAuditMark returns the mark of the latest event, or NotFound.
func (db *DB) LastAuditMark(ctx context.Context) (m models.AuditMark, err error) {
	err = db.row(ctx, `SELECT `+markColumns+` FROM audit_marks ORDER BY seq DESC LIMIT 1`, nil, markFields(&m)...)
	return m, db.classify(err, "audit mark")
}

// CreateAuditMark stores m, unless its event has a mark already.
func (db *DB) CreateAuditMark(ctx context.Context, m models.AuditMark) error {
	const create = `INSERT INTO audit_marks (seq, hash, at, cut, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (seq) DO NOTHING`
	_, err := db.exec(ctx, create, m.Seq, m.Hash, m.At, m.Cut, m.Signature)
	return db.classify(err, "audit mark")
}

// FirstAuditEventSince returns the number of the first event at or after then, or
// NotFound.
func (db *DB) FirstAuditEventSince(ctx context.Context, then time.Time) (seq int64, err error) {
	err = db.row(ctx, `SELECT seq FROM audit_events WHERE at >= $1 ORDER BY at, seq LIMIT 1`, []any{then}, &seq)
	return seq, db.classify(err, "audit event")
}

// CutAudit removes the events up to cut.Seq and their marks, and stores cut instead.
func (db *DB) CutAudit(ctx context.Context, cut models.AuditMark) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM audit_marks WHERE seq <= $1`, cut.Seq); err != nil {
			return tx.classify(err, "audit mark")
		}
		if _, err := tx.exec(ctx, `DELETE FROM audit_events WHERE seq <= $1`, cut.Seq); err != nil {
			return tx.classify(err, "audit event")
		}
		return tx.CreateAuditMark(ctx, cut)
	})
}
