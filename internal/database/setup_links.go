package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateSetupLink inserts link and removes all others.
func (db *DB) CreateSetupLink(ctx context.Context, link *models.SetupLink) error {
	return db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.exec(ctx, `DELETE FROM setup_links`); err != nil {
			return tx.classify(err, "setup link")
		}
		return create(ctx, tx, "setup link", link)
	})
}

// SetupLinkValid reports whether the link can still be redeemed.
func (db *DB) SetupLinkValid(ctx context.Context, hash models.SecretHash, now time.Time) (bool, error) {
	var valid bool
	const find = `SELECT EXISTS (SELECT 1 FROM setup_links WHERE hash = $1 AND expires_at > $2)`
	err := db.row(ctx, find, []any{hash, now}, &valid)
	return valid, db.classify(err, "setup link")
}

// RedeemSetupLink uses the link up. It returns NotFound if the link has expired or
// is used already.
func (db *DB) RedeemSetupLink(ctx context.Context, hash models.SecretHash, now time.Time) error {
	return db.change(ctx, "setup link", `DELETE FROM setup_links WHERE hash = $1 AND expires_at > $2`, hash, now)
}
