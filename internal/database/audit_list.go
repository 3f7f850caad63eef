package database

import (
	"context"
	"database/sql"
	"math"

	"example.org/cloakroom/internal/models"
)

// Each of these walks one index from the newest event on; what else is wanted
// is asked of the rows it meets.
const (
	auditColumns = `
		SELECT e.seq, e.at, e.actor_id, e.action, e.object, e.address, e.outcome, e.detail, e.hash, COALESCE(a.username, ''), COALESCE(o.username, '')
		FROM audit_events e LEFT JOIN users a ON a.id = e.actor_id LEFT JOIN users o ON o.id = CASE WHEN substr(e.object, 1, 5) = 'user:' THEN substr(e.object, 6) END`
	auditWanted = auditColumns + `
		WHERE ($1 = '' OR e.actor_id = $1) AND ($2 = '' OR e.action = $2) AND ($3 = '' OR e.object = $3) AND ($4 = '' OR e.outcome = $4) AND e.seq < $5`
	auditNewest   = ` ORDER BY e.seq DESC LIMIT $6`
	auditAll      = auditWanted + auditNewest
	auditByObject = auditWanted + ` AND e.object = $3` + auditNewest
	auditByActor  = auditWanted + ` AND e.actor_id = $1` + auditNewest
	auditByAction = auditWanted + ` AND e.action = $2` + auditNewest
	auditByBoth   = auditWanted + ` AND e.actor_id = $1 AND e.action = $2` + auditNewest

	auditRefusedWanted   = auditWanted + ` AND e.outcome = 'refused'`
	auditRefused         = auditRefusedWanted + auditNewest
	auditRefusedByActor  = auditRefusedWanted + ` AND e.actor_id = $1` + auditNewest
	auditRefusedByAction = auditRefusedWanted + ` AND e.action = $2` + auditNewest
)

// AuditViews returns up to limit of the events that f wants, newest first.
func (db *DB) AuditViews(ctx context.Context, f models.AuditFilter, limit int) ([]models.AuditView, error) {
	all, byActor, byAction := auditAll, auditByActor, auditByAction
	if f.Outcome == models.Refused {
		all, byActor, byAction = auditRefused, auditRefusedByActor, auditRefusedByAction
	}
	query := all
	switch {
	case f.Object != "":
		query = auditByObject
	case f.Actor != "" && f.Action != "":
		query = auditByBoth
	case f.Actor != "":
		query = byActor
	case f.Action != "":
		query = byAction
	}
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	var views []models.AuditView
	err := db.rows(ctx, query, []any{f.Actor, f.Action, f.Object, f.Outcome, before, limit}, func(rows *sql.Rows) error {
		var v models.AuditView
		err := rows.Scan(&v.Seq, &v.At, &v.ActorID, &v.Action, &v.Object, &v.Address, &v.Outcome, &v.Detail, &v.Hash, &v.Actor, &v.Subject)
		views = append(views, v)
		return err
	})
	return views, db.classify(err, "audit event")
}
