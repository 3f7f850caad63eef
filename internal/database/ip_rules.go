package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// IPRules returns up to limit rules that apply now, newest first.
func (db *DB) IPRules(ctx context.Context, now time.Time, limit int) ([]models.IPRule, error) {
	const find = `
		SELECT prefix, action, note, expires_at, created_at FROM ip_rules
		WHERE expires_at IS NULL OR expires_at > $1 ORDER BY created_at DESC, prefix LIMIT $2`
	rules, err := list(ctx, db, find, []any{now, limit}, func(r *models.IPRule) []any {
		return []any{&r.Prefix, &r.Action, &r.Note, &r.ExpiresAt, &r.CreatedAt}
	})
	return rules, db.classify(err, "rule")
}

// CreateIPRule inserts r, or replaces a rule of the same prefix that has expired by
// r.CreatedAt. At the field "prefix" it returns a Conflict if there is a rule that
// applies, and an Invalid problem if there are most rules already.
func (db *DB) CreateIPRule(ctx context.Context, r models.IPRule, most int) error {
	return db.Tx(ctx, func(tx *DB) error { return tx.createIPRule(ctx, r, most) })
}

func (db *DB) createIPRule(ctx context.Context, r models.IPRule, most int) error {
	const create = `
		INSERT INTO ip_rules (prefix, action, note, expires_at, created_at)
		SELECT $1, $2, $3, $4, $5 WHERE (SELECT COUNT(*) FROM ip_rules) < $6
		ON CONFLICT (prefix) DO UPDATE
			SET action = excluded.action, note = excluded.note, expires_at = excluded.expires_at, created_at = excluded.created_at
		WHERE ip_rules.expires_at <= excluded.created_at`
	n, err := db.exec(ctx, create, r.Prefix, r.Action, r.Note, r.ExpiresAt, r.CreatedAt, most)
	if err != nil {
		return db.classify(err, "rule")
	}
	if n == 1 {
		return db.changed(ctx, TopicIPRules)
	}
	var exists bool
	if err := db.row(ctx, `SELECT EXISTS (SELECT 1 FROM ip_rules WHERE prefix = $1)`, []any{r.Prefix}, &exists); err != nil {
		return db.classify(err, "rule")
	}
	if exists {
		return problem.At("prefix", problem.New(problem.Conflict, "A rule for this prefix exists. Delete it first."))
	}
	return problem.OnField("prefix", "There are already %d rules, the maximum. Delete some, or block a wider prefix.", most)
}

// DeleteIPRule removes the rule of a prefix, or returns NotFound.
func (db *DB) DeleteIPRule(ctx context.Context, prefix models.IPPrefix) error {
	return db.changing(ctx, TopicIPRules, func(tx *DB) error {
		return tx.change(ctx, "rule", `DELETE FROM ip_rules WHERE prefix = $1`, prefix)
	})
}

// DeleteExpiredIPRules removes the rules that have expired, which no node applies any more.
func (db *DB) DeleteExpiredIPRules(ctx context.Context, now time.Time) error {
	_, err := db.exec(ctx, `DELETE FROM ip_rules WHERE expires_at <= $1`, now)
	return db.classify(err, "rule")
}
