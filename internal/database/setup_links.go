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
	const find = `SELECT EXISTS (SELECT 1 FROM setup_links WHERE hash = $1 AND expires_at > $2) AND NOT EXISTS (` + anyAdmin + `)`
	err := db.row(ctx, find, []any{hash, now}, &valid)
	return valid, db.classify(err, "setup link")
}

// RedeemSetupLink uses the link up. It returns NotFound if the link has expired or is used
// already, or if there is an admin by now.
func (db *DB) RedeemSetupLink(ctx context.Context, hash models.SecretHash, now time.Time) error {
	const redeem = `DELETE FROM setup_links WHERE hash = $1 AND expires_at > $2 AND NOT EXISTS (` + anyAdmin + `)`
	return db.change(ctx, "setup link", redeem, hash, now)
}

// DropSetupLinks removes every link: there is an admin.
func (db *DB) DropSetupLinks(ctx context.Context) error {
	_, err := db.exec(ctx, `DELETE FROM setup_links`)
	return db.classify(err, "setup link")
}
