package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateInvitation inserts i.
func (db *DB) CreateInvitation(ctx context.Context, i models.Invitation) error {
	const insert = `
		INSERT INTO invitations (id, hash, role, tier, email, note, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	_, err := db.exec(ctx, insert, i.ID, i.Hash, i.Role, i.Tier, i.Email, i.Note, i.CreatedAt, i.ExpiresAt)
	return db.classify(err, "invitation")
}

// Invitations returns the invitations that are older than before, newest first.
func (db *DB) Invitations(ctx context.Context, before models.Cursor, limit int) (models.Page[models.Invitation], error) {
	const find = `
		SELECT i.id, i.role, i.tier, i.email, i.note, i.created_at, i.expires_at, i.used_at, COALESCE(u.username, '')
		FROM invitations i LEFT JOIN users u ON u.id = i.used_by
		WHERE (i.created_at, i.id) < ($1, $2) ORDER BY i.created_at DESC, i.id DESC LIMIT $3`
	all, err := list(ctx, db, find, []any{start(before), startID(before), limit + 1}, func(i *models.Invitation) []any {
		return []any{&i.ID, &i.Role, &i.Tier, &i.Email, &i.Note, &i.CreatedAt, &i.ExpiresAt, &i.UsedAt, &i.UsedBy}
	})
	page := models.PageOf(all, limit, func(i models.Invitation) models.Cursor { return models.Cursor{At: i.CreatedAt, ID: i.ID} })
	return page, db.classify(err, "invitation")
}

// InvitationByHash returns an invitation that is valid now, or NotFound.
func (db *DB) InvitationByHash(ctx context.Context, hash models.SecretHash, now time.Time) (i models.Invitation, err error) {
	const find = `SELECT id, role, tier, email FROM invitations WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`
	err = db.row(ctx, find, []any{hash, now}, &i.ID, &i.Role, &i.Tier, &i.Email)
	return i, db.classify(err, "invitation")
}

// RedeemInvitation uses the invitation up, or returns NotFound if it has expired or
// is used already. InvitedUser then stores the new user.
func (db *DB) RedeemInvitation(ctx context.Context, id string, now time.Time) error {
	const redeem = `UPDATE invitations SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $3`
	return db.change(ctx, "invitation", redeem, now, id, now)
}

// InvitedUser stores the user who used an invitation.
func (db *DB) InvitedUser(ctx context.Context, id string, user models.UserID) error {
	return db.change(ctx, "invitation", `UPDATE invitations SET used_by = $1 WHERE id = $2`, user, id)
}

// DeleteInvitation revokes an unused invitation, or returns NotFound.
func (db *DB) DeleteInvitation(ctx context.Context, id string) error {
	return db.change(ctx, "invitation", `DELETE FROM invitations WHERE id = $1 AND used_at IS NULL`, id)
}
