package database

import (
	"context"
	"math"

	"example.org/cloakroom/internal/models"
)

// Each query scans one index from the newest event on: the conditions that pick the
// index are added to auditWanted, and the others are checked on the rows that it meets.
const (
	auditWanted = `
		SELECT ` + auditColumns + `, COALESCE(a.username, ''), COALESCE(o.username, '')
		FROM audit_events e LEFT JOIN users a ON a.id = e.actor_id
			LEFT JOIN users o ON o.id = CASE WHEN substr(e.object, 1, 5) = 'user:' THEN substr(e.object, 6) END
		WHERE ($1 = '' OR e.actor_id = $1) AND ($2 = '' OR e.action = $2) AND ($3 = '' OR e.object = $3)
			AND ($4 = '' OR e.outcome = $4) AND e.seq < $5`
	auditRefused  = ` AND e.outcome = 'refused'`
	auditOfActor  = ` AND e.actor_id = $1`
	auditOfAction = ` AND e.action = $2`
	auditOfObject = ` AND e.object = $3`
	auditNewest   = ` ORDER BY e.seq DESC LIMIT $6`
)

// AuditViews returns up to limit of the events that f selects, newest first.
func (db *DB) AuditViews(ctx context.Context, f models.AuditFilter, limit int) ([]models.AuditView, error) {
	all, ofActor, ofAction := auditWanted+auditNewest, auditWanted+auditOfActor+auditNewest, auditWanted+auditOfAction+auditNewest
	if f.Outcome == models.Refused {
		all, ofActor = auditWanted+auditRefused+auditNewest, auditWanted+auditRefused+auditOfActor+auditNewest
		ofAction = auditWanted + auditRefused + auditOfAction + auditNewest
	}
	query := all
	switch {
	case f.Object != "":
		query = auditWanted + auditOfObject + auditNewest
	case f.Actor != "" && f.Action != "":
		query = auditWanted + auditOfActor + auditOfAction + auditNewest
	case f.Actor != "":
		query = ofActor
	case f.Action != "":
		query = ofAction
	}
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	args := []any{f.Actor, f.Action, f.Object, f.Outcome, before, limit}
	views, err := list(ctx, db, query, args, func(v *models.AuditView) []any {
		return append(auditFields(&v.AuditEvent), &v.Actor, &v.Subject)
	})
	return views, db.classify(err, "audit event")
}
