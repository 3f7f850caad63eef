package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// AppendAuditEvent puts e, which has no Seq and Hash yet, at the end of the
// audit log. Inside a transaction it is there if and only if that commits; on
// PostgreSQL all who append wait for its end, so append last.
func (db *DB) AppendAuditEvent(ctx context.Context, e models.AuditEvent) error {
	const turn = `UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash`
	const insert = `
		INSERT INTO audit_events (seq, at, actor_id, action, object, address, outcome, detail, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	return db.Tx(ctx, func(tx *DB) error {
		var before string
		if err := tx.row(ctx, turn, nil, &e.Seq, &before); err != nil {
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

// AuditHead returns the number and the hash of the last event: 0 and "" if
// there is none.
func (db *DB) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	err = db.row(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`, nil, &seq, &hash)
	return seq, hash, db.classify(err, "audit event")
}

// AuditEventsAfter returns up to limit events in their order, from the one
// after seq on.
func (db *DB) AuditEventsAfter(ctx context.Context, seq int64, limit int) ([]models.AuditEvent, error) {
	const find = `
		SELECT seq, at, actor_id, action, object, address, outcome, detail, hash
		FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT $2`
	var events []models.AuditEvent
	err := db.rows(ctx, find, []any{seq, limit}, func(rows *sql.Rows) error {
		var e models.AuditEvent
		err := rows.Scan(&e.Seq, &e.At, &e.ActorID, &e.Action, &e.Object, &e.Address, &e.Outcome, &e.Detail, &e.Hash)
		events = append(events, e)
		return err
	})
	return events, db.classify(err, "audit event")
}
