package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// auditColumns are the columns of the event e, in the order of auditFields.
const auditColumns = `e.seq, e.at, e.actor_id, e.action, e.object, e.address, e.outcome, e.detail, e.hash`

// auditFields returns where to scan auditColumns.
func auditFields(e *models.AuditEvent) []any {
	return []any{&e.Seq, &e.At, &e.ActorID, &e.Action, &e.Object, &e.Address, &e.Outcome, &e.Detail, &e.Hash}
}

// AppendAuditEvent appends e to the audit log, and sets its Seq and Hash. Inside a
// transaction, append last: until it ends, all other appends wait on PostgreSQL.
func (db *DB) AppendAuditEvent(ctx context.Context, e models.AuditEvent) error {
	const next = `UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash`
	const insert = `
		INSERT INTO audit_events (seq, at, actor_id, action, object, address, outcome, detail, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	return db.Tx(ctx, func(tx *DB) error {
		var before string
		if err := tx.row(ctx, next, nil, &e.Seq, &before); err != nil {
			return tx.classify(err, "audit event")
		}
		e.Hash = e.HashAfter(before)
		if _, err := tx.exec(ctx, insert, e.Seq, e.At, e.ActorID, e.Action, e.Object, e.Address, e.Outcome, e.Detail, e.Hash); err != nil {
			return tx.classify(err, "audit event")
		}
		_, err := tx.exec(ctx, `UPDATE audit_head SET hash = $1 WHERE id = 1`, e.Hash)
		return tx.classify(err, "audit event")
	})
}

// AuditHead returns the number and the hash of the last event, or 0 and "" if there
// is none.
func (db *DB) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	err = db.row(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`, nil, &seq, &hash)
	return seq, hash, db.classify(err, "audit event")
}

// AuditEventsAfter returns up to limit events in their order, from the one after seq
// on.
func (db *DB) AuditEventsAfter(ctx context.Context, seq int64, limit int) ([]models.AuditEvent, error) {
	const find = `
		SELECT ` + auditColumns + ` FROM audit_events e WHERE e.seq > $1 ORDER BY e.seq LIMIT $2`
	events, err := list(ctx, db, find, []any{seq, limit}, auditFields)
	return events, db.classify(err, "audit event")
}
