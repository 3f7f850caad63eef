package database

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// AskDeletion schedules the deletion of the user, and ends their sessions and API
// tokens. It reports false if a deletion is scheduled already, or if no active admin
// would be left.
func (db *DB) AskDeletion(ctx context.Context, id models.UserID, at time.Time) (asked bool, err error) {
	const ask = `
		UPDATE users SET deletion_at = $1 WHERE id = $2 AND deletion_at IS NULL
			AND (role <> 'admin' OR suspended_at IS NOT NULL OR ` + otherAdmin + `)`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.lockUsers(ctx); err != nil {
			return err
		}
		n, err := tx.exec(ctx, ask, at, id)
		if asked = n == 1; err != nil || !asked {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, id, ""); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `DELETE FROM api_tokens WHERE user_id = $1`, id)
		return err
	})
	return asked && err == nil, db.classify(err, "user")
}

// KeepUser cancels the scheduled deletion of the user, or returns NotFound if there
// is none or it is due.
func (db *DB) KeepUser(ctx context.Context, id models.UserID, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET deletion_at = NULL WHERE id = $1 AND deletion_at > $2`, id, now)
}

// DueDeletions returns up to limit users whose deletion is due.
func (db *DB) DueDeletions(ctx context.Context, now time.Time, limit int) ([]models.UserID, error) {
	const find = `SELECT id FROM users WHERE deletion_at <= $1 ORDER BY deletion_at LIMIT $2`
	ids, err := column[models.UserID](ctx, db, find, now, limit)
	return ids, db.classify(err, "user")
}

// DeleteCommentsBy removes up to limit of author's comments, uncounts them at their
// posts, and returns how many it removed.
func (db *DB) DeleteCommentsBy(ctx context.Context, author models.UserID, limit int) (n int, err error) {
	const remove = `
		DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE author_id = $1 ORDER BY id LIMIT $2) RETURNING post_id, hidden_at`
	err = db.Tx(ctx, func(tx *DB) error {
		removed, err := list(ctx, tx, remove, []any{author, limit}, func(c *models.Comment) []any { return []any{&c.PostID, &c.HiddenAt} })
		n = len(removed)
		// In one order, so that two such transactions never wait for each other.
		slices.SortFunc(removed, func(a, b models.Comment) int { return strings.Compare(string(a.PostID), string(b.PostID)) })
		for i := 0; err == nil && i < len(removed); i++ {
			if removed[i].HiddenAt == nil { // a hidden one is not counted
				_, err = tx.exec(ctx, `UPDATE posts SET comment_count = comment_count - 1 WHERE id = $1`, removed[i].PostID)
			}
		}
		return err
	})
	return n, db.classify(err, "comment")
}

// DeletePostsBy removes up to limit of author's posts as PurgePosts does.
func (db *DB) DeletePostsBy(ctx context.Context, author models.UserID, limit int) (files []models.File, n int, err error) {
	const find = `SELECT id FROM posts WHERE author_id = $1 ORDER BY created_at, id LIMIT $2`
	return db.removePosts(ctx, find, author, limit)
}

// DeleteFilesBy removes up to limit of owner's files that are on no post, and
// returns them. The caller must delete their bytes.
func (db *DB) DeleteFilesBy(ctx context.Context, owner models.UserID, limit int) (files []models.File, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		files, err = find[models.File](tx.gorm.WithContext(ctx).Where("owner_id = ? AND post_id IS NULL", owner).Order("id").Limit(limit))
		for i := 0; err == nil && i < len(files); i++ {
			if err = tx.change(ctx, "file", `DELETE FROM files WHERE id = $1`, files[i].ID); err == nil {
				err = tx.ReleaseStorage(ctx, owner, files[i].Size)
			}
		}
		return err
	})
	if err != nil {
		return nil, db.classify(err, "file")
	}
	return files, nil
}

// DeleteUser removes a user whose deletion is due, with everything that belongs to
// them, and returns their avatar, whose bytes the caller must delete. It returns
// NotFound if the deletion is not due, or if the user still has posts, comments or files.
func (db *DB) DeleteUser(ctx context.Context, id models.UserID, now time.Time) (avatar models.BlobKey, err error) {
	const remove = `
		DELETE FROM users WHERE id = $1 AND deletion_at <= $2 AND NOT EXISTS (SELECT 1 FROM posts WHERE author_id = $1)
			AND NOT EXISTS (SELECT 1 FROM comments WHERE author_id = $1) AND NOT EXISTS (SELECT 1 FROM files WHERE owner_id = $1)
		RETURNING avatar`
	err = db.row(ctx, remove, []any{id, now}, &avatar)
	return avatar, db.classify(err, "user")
}

// ForgetInShares takes the name of the user out of the shares of others that are for
// them, so that they never open for the next user of that name. A share that was for
// nobody else is revoked.
func (db *DB) ForgetInShares(ctx context.Context, id models.UserID, now time.Time) error {
	const find = `
		SELECT s.id, s.names, u.username FROM share_users su JOIN shares s ON s.id = su.share_id JOIN users u ON u.id = su.user_id
		WHERE su.user_id = $1 ORDER BY s.id`
	const forget = `
		UPDATE shares SET names = $1, revoked_at = CASE WHEN $1 = '' THEN COALESCE(revoked_at, $2) ELSE revoked_at END WHERE id = $3`
	type row struct {
		share       models.ShareID
		names, name string
	}
	return db.Tx(ctx, func(tx *DB) error {
		found, err := list(ctx, tx, find, []any{id}, func(r *row) []any { return []any{&r.share, &r.names, &r.name} })
		for i := 0; err == nil && i < len(found); i++ {
			r := found[i]
			left := slices.DeleteFunc(strings.Fields(r.names), func(name string) bool { return strings.EqualFold(name, r.name) })
			err = tx.change(ctx, "share", forget, strings.Join(left, " "), now, r.share)
		}
		return db.classify(err, "share")
	})
}
