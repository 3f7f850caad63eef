package database

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// AskDeletion notes that the user is to be deleted at the given time, and ends
// their sessions and API tokens. It reports false if that is noted already, or
// if they are the last admin who can come in: of two who ask at once, one stays.
func (db *DB) AskDeletion(ctx context.Context, id models.UserID, at time.Time) (asked bool, err error) {
	const ask = `UPDATE users SET deletion_at = $1 WHERE id = $2 AND deletion_at IS NULL AND (role <> 'admin' OR suspended_at IS NOT NULL OR ` + otherAdmin + `)`
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.takeTurn(ctx); err != nil {
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

// KeepUser takes back that the user is to be deleted, or returns NotFound if
// they are not, or if now it is too late.
func (db *DB) KeepUser(ctx context.Context, id models.UserID, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET deletion_at = NULL WHERE id = $1 AND deletion_at > $2`, id, now)
}

// DueDeletions returns up to limit users who are to be deleted by now.
func (db *DB) DueDeletions(ctx context.Context, now time.Time, limit int) (ids []models.UserID, err error) {
	const find = `SELECT id FROM users WHERE deletion_at <= $1 ORDER BY deletion_at LIMIT $2`
	err = db.rows(ctx, find, []any{now, limit}, func(rows *sql.Rows) error {
		var id models.UserID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, db.classify(err, "user")
}

// DeleteCommentsBy removes up to limit comments that author wrote, from the
// counts of their posts too, and returns how many.
func (db *DB) DeleteCommentsBy(ctx context.Context, author models.UserID, limit int) (n int, err error) {
	const remove = `
		DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE author_id = $1 ORDER BY id LIMIT $2) RETURNING post_id, hidden_at`
	err = db.Tx(ctx, func(tx *DB) error {
		var posts []models.PostID
		err := tx.rows(ctx, remove, []any{author, limit}, func(rows *sql.Rows) error {
			var c models.Comment
			err := rows.Scan(&c.PostID, &c.HiddenAt)
			n++
			if c.HiddenAt == nil { // a hidden one is not counted
				posts = append(posts, c.PostID)
			}
			return err
		})
		slices.Sort(posts) // so that two who do this never wait for each other
		for i := 0; err == nil && i < len(posts); i++ {
			_, err = tx.exec(ctx, `UPDATE posts SET comment_count = comment_count - 1 WHERE id = $1`, posts[i])
		}
		return err
	})
	return n, db.classify(err, "comment")
}

// DeletePostsBy removes up to limit posts of author's as PurgePosts does.
func (db *DB) DeletePostsBy(ctx context.Context, author models.UserID, limit int) (files []models.File, n int, err error) {
	const find = `SELECT id FROM posts WHERE author_id = $1 ORDER BY created_at, id LIMIT $2`
	err = db.Tx(ctx, func(tx *DB) error {
		var ids []models.PostID
		err := tx.rows(ctx, find, []any{author, limit}, func(rows *sql.Rows) error {
			var id models.PostID
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		files, n, err = tx.removePosts(ctx, ids)
		return err
	})
	if err != nil {
		return nil, 0, db.classify(err, "post")
	}
	return files, n, nil
}

// DeleteFilesBy removes up to limit files of owner's that are part of no post,
// and returns them: their bytes must go.
func (db *DB) DeleteFilesBy(ctx context.Context, owner models.UserID, limit int) (files []models.File, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		files, err = gorm.G[models.File](tx.gorm).Where("owner_id = ? AND post_id IS NULL", owner).Order("id").Limit(limit).Find(ctx)
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

// DeleteUser removes a user who is to be deleted by now, with all that hangs on
// them, and returns their avatar, whose bytes must go. While there are posts,
// comments or files of theirs, or if they are to stay, it returns NotFound.
func (db *DB) DeleteUser(ctx context.Context, id models.UserID, now time.Time) (avatar models.BlobKey, err error) {
	const remove = `
		DELETE FROM users WHERE id = $1 AND deletion_at <= $2 AND NOT EXISTS (SELECT 1 FROM posts WHERE author_id = $1)
			AND NOT EXISTS (SELECT 1 FROM comments WHERE author_id = $1) AND NOT EXISTS (SELECT 1 FROM files WHERE owner_id = $1)
		RETURNING avatar`
	err = db.row(ctx, remove, []any{id, now}, &avatar)
	return avatar, db.classify(err, "user")
}
