package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// AuditMarks returns all marks in the order of the events they are about. The
// first is the cut, if there is one.
func (db *DB) AuditMarks(ctx context.Context) (marks []models.AuditMark, err error) {
	err = db.rows(ctx, `SELECT seq, hash, at, cut, signature FROM audit_marks ORDER BY seq`, nil, func(rows *sql.Rows) error {
		var m models.AuditMark
		err := rows.Scan(&m.Seq, &m.Hash, &m.At, &m.Cut, &m.Signature)
		marks = append(marks, m)
		return err
	})
	return marks, db.classify(err, "audit mark")
}

// AuditCut returns where the log was cut, or the zero mark.
func (db *DB) AuditCut(ctx context.Context) (m models.AuditMark, err error) {
	const cut = `SELECT seq, hash, at, cut, signature FROM audit_marks WHERE cut`
	err = db.row(ctx, cut, nil, &m.Seq, &m.Hash, &m.At, &m.Cut, &m.Signature)
	if err = db.classify(err, "audit mark"); problem.KindOf(err) == problem.NotFound {
		return models.AuditMark{}, nil
	}
	return m, err
}

// LastAuditMark returns the mark of the latest event, or NotFound.
func (db *DB) LastAuditMark(ctx context.Context) (m models.AuditMark, err error) {
	const last = `SELECT seq, hash, at, cut, signature FROM audit_marks ORDER BY seq DESC LIMIT 1`
	err = db.row(ctx, last, nil, &m.Seq, &m.Hash, &m.At, &m.Cut, &m.Signature)
	return m, db.classify(err, "audit mark")
}

// CreateAuditMark keeps m, unless there is one for its event.
func (db *DB) CreateAuditMark(ctx context.Context, m models.AuditMark) error {
	const create = `INSERT INTO audit_marks (seq, hash, at, cut, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (seq) DO NOTHING`
	_, err := db.exec(ctx, create, m.Seq, m.Hash, m.At, m.Cut, m.Signature)
	return db.classify(err, "audit mark")
}

// FirstAuditEventSince returns the number of the oldest event that is not older
// than then, or NotFound.
func (db *DB) FirstAuditEventSince(ctx context.Context, then time.Time) (seq int64, err error) {
	err = db.row(ctx, `SELECT seq FROM audit_events WHERE at >= $1 ORDER BY at, seq LIMIT 1`, []any{then}, &seq)
	return seq, db.classify(err, "audit event")
}

// CutAudit removes the events up to cut.Seq, with their marks, and keeps cut in
// their place.
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
