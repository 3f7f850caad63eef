package database

import (
	"context"
	"slices"
	"time"

	"example.org/cloakroom/internal/models"
)

// shareColumns are the columns of the share s, in the order of shareFields.
const shareColumns = `s.id, s.owner_id, s.post_id, s.file_id, s.hash, s.sealed, s.name, s.sender, s.note, s.permission, s.named, s.names,
	s.preview, s.password, s.password_version, s.max_pickups, s.picked_up, s.created_at, s.updated_at, s.expires_at, s.revoked_at, s.used_at`

// shareFields returns where to scan shareColumns.
func shareFields(s *models.Share) []any {
	return []any{&s.ID, &s.OwnerID, &s.PostID, &s.FileID, &s.Hash, &s.Sealed, &s.Name, &s.Sender, &s.Note, &s.Permission, &s.Named, &s.Names,
		&s.Preview, &s.Password, &s.PasswordVersion, &s.MaxPickups, &s.PickedUp, &s.CreatedAt, &s.UpdatedAt, &s.ExpiresAt,
		&s.RevokedAt, &s.UsedAt}
}

// CreateShare inserts s for the given users, and reports true. It reports false if its
// owner already has most shares, and returns NotFound unless the post or the file is the
// owner's.
func (db *DB) CreateShare(ctx context.Context, s *models.Share, users []models.UserID, most int) (made bool, err error) {
	const post = `SELECT COUNT(*) FROM posts WHERE id = $1 AND author_id = $2 AND deleted_at IS NULL AND removed_at IS NULL`
	const file = `SELECT COUNT(*) FROM files WHERE id = $1 AND owner_id = $2 AND removed_at IS NULL`
	err = db.Tx(ctx, func(tx *DB) error {
		// On PostgreSQL a count does not see rows of open transactions.
		if err := tx.lockUser(ctx, s.OwnerID); err != nil {
			return err
		}
		if has, err := tx.CountShares(ctx, s.OwnerID, most); err != nil || has >= most {
			return err
		}
		var n int
		query, id, noun := file, any(s.FileID), "file"
		if s.PostID != nil {
			query, id, noun = post, s.PostID, "post"
		}
		if err := tx.row(ctx, query, []any{id, s.OwnerID}, &n); err != nil || n == 0 {
			if err == nil {
				return notFound(noun)
			}
			return tx.classify(err, noun)
		}
		if err := create(ctx, tx, "share", s); err != nil {
			return err
		}
		made = true
		return tx.setShareUsers(ctx, s.ID, users)
	})
	return made && err == nil, err
}

// CountShares returns the number of owner's shares, but at most limit.
func (db *DB) CountShares(ctx context.Context, owner models.UserID, limit int) (n int, err error) {
	const count = `SELECT COUNT(*) FROM (SELECT 1 FROM shares WHERE owner_id = $1 LIMIT $2) AS n`
	err = db.row(ctx, count, []any{owner, limit}, &n)
	return n, db.classify(err, "share")
}

// setShareUsers replaces the users that a share is for.
func (db *DB) setShareUsers(ctx context.Context, id models.ShareID, users []models.UserID) error {
	if _, err := db.exec(ctx, `DELETE FROM share_users WHERE share_id = $1`, id); err != nil {
		return db.classify(err, "share")
	}
	for _, user := range users {
		if err := db.change(ctx, "share", `INSERT INTO share_users (share_id, user_id) VALUES ($1, $2)`, id, user); err != nil {
			return err
		}
	}
	return nil
}

// ShareUserIDs returns the users that the share is for, among those with these names.
func (db *DB) ShareUserIDs(ctx context.Context, share models.ShareID, names []string) ([]models.UserID, error) {
	const find = `
		SELECT u.id FROM share_users su JOIN users u ON u.id = su.user_id WHERE su.share_id = $1 AND u.username_key = $2`
	var ids []models.UserID
	for _, name := range names {
		found, err := column[models.UserID](ctx, db, find, share, models.Username(name).Key())
		if err != nil {
			return nil, db.classify(err, "user")
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// UpdateShare changes a share of its owner's that is not revoked, and the users it is
// for, or returns NotFound. Another password gets the next version, so that earlier
// unlocks end, and so does a share that only shows from now on, so that downloads end.
// A limit of pickups below those that were counted is raised to them.
func (db *DB) UpdateShare(ctx context.Context, s *models.Share, users []models.UserID) error {
	const update = `
		UPDATE shares SET name = $1, sender = $2, note = $3, permission = $4, named = $5, names = $6, preview = $7,
			password_version = password_version + CASE WHEN password = $8 AND (permission = $4 OR $4 <> 'preview') THEN 0 ELSE 1 END,
			password = $8,
			max_pickups = CASE WHEN $9 = 0 OR $9 > picked_up THEN $9 ELSE picked_up END, expires_at = $10, updated_at = $11
		WHERE id = $12 AND owner_id = $13 AND revoked_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		err := tx.change(ctx, "share", update, s.Name, s.Sender, s.Note, s.Permission, s.Named, s.Names, s.Preview, s.Password, s.MaxPickups,
			s.ExpiresAt, s.UpdatedAt, s.ID, s.OwnerID)
		if err != nil {
			return err
		}
		return tx.setShareUsers(ctx, s.ID, users)
	})
}

// RevokeShare revokes a share of owner's, or returns NotFound if there is none that is
// not revoked yet.
func (db *DB) RevokeShare(ctx context.Context, owner models.UserID, id models.ShareID, now time.Time) error {
	const revoke = `UPDATE shares SET revoked_at = $1 WHERE id = $2 AND owner_id = $3 AND revoked_at IS NULL`
	return db.change(ctx, "share", revoke, now, id, owner)
}

// RevokeSharesOfPost revokes all shares of owner's post and of its files, and returns
// how many.
func (db *DB) RevokeSharesOfPost(ctx context.Context, owner models.UserID, post models.PostID, now time.Time) (int64, error) {
	const revoke = `
		UPDATE shares SET revoked_at = $1 WHERE owner_id = $2 AND revoked_at IS NULL
			AND (post_id = $3 OR file_id IN (SELECT id FROM files WHERE post_id = $3))`
	n, err := db.exec(ctx, revoke, now, owner, post)
	return n, db.classify(err, "share")
}

// RevokeSharesOfFile revokes all shares of owner's file, and returns how many.
func (db *DB) RevokeSharesOfFile(ctx context.Context, owner models.UserID, file models.FileID, now time.Time) (int64, error) {
	n, err := db.exec(ctx, `UPDATE shares SET revoked_at = $1 WHERE owner_id = $2 AND revoked_at IS NULL AND file_id = $3`, now, owner, file)
	return n, db.classify(err, "share")
}

// shareViewFrom begins each list of shares.
const shareViewFrom = `
	SELECT ` + shareColumns + `, COALESCE(p.title, f.name) FROM shares s
	LEFT JOIN posts p ON p.id = s.post_id LEFT JOIN files f ON f.id = s.file_id`

// shareViewFields returns where to scan the columns of shareViewFrom.
func shareViewFields(v *models.ShareView) []any { return append(shareFields(&v.Share), &v.Title) }

// ShareOf returns a share of owner's, or NotFound.
func (db *DB) ShareOf(ctx context.Context, owner models.UserID, id models.ShareID) (v models.ShareView, err error) {
	const find = shareViewFrom + ` WHERE s.id = $1 AND s.owner_id = $2`
	err = db.row(ctx, find, []any{id, owner}, shareViewFields(&v)...)
	return v, db.classify(err, "share")
}

// SharesOf returns owner's shares that are older than before, newest first.
func (db *DB) SharesOf(ctx context.Context, owner models.UserID, before models.Cursor, limit int) (models.Page[models.ShareView], error) {
	const find = shareViewFrom + ` WHERE s.owner_id = $1 AND (s.created_at, s.id) < ($2, $3) ORDER BY s.created_at DESC, s.id DESC LIMIT $4`
	views, err := list(ctx, db, find, []any{owner, start(before), before.ID, limit + 1}, shareViewFields)
	if err != nil {
		return models.Page[models.ShareView]{}, db.classify(err, "share")
	}
	return models.PageOf(views, limit, models.ShareView.Cursor), nil
}

// SharesOfPost returns owner's shares of the post, newest first, at most limit.
func (db *DB) SharesOfPost(ctx context.Context, owner models.UserID, post models.PostID, limit int) ([]models.ShareView, error) {
	const find = shareViewFrom + ` WHERE s.post_id = $1 AND s.owner_id = $2 ORDER BY s.created_at DESC, s.id DESC LIMIT $3`
	views, err := list(ctx, db, find, []any{post, owner, limit}, shareViewFields)
	return views, db.classify(err, "share")
}

// SharesOfFile returns owner's shares of the file, newest first, at most limit.
func (db *DB) SharesOfFile(ctx context.Context, owner models.UserID, file models.FileID, limit int) ([]models.ShareView, error) {
	const find = shareViewFrom + ` WHERE s.file_id = $1 AND s.owner_id = $2 ORDER BY s.created_at DESC, s.id DESC LIMIT $3`
	views, err := list(ctx, db, find, []any{file, owner, limit}, shareViewFields)
	return views, db.classify(err, "share")
}
