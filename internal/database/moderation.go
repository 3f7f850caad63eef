package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// Each decision is one statement; who changes nothing by it came too late.
const (
	hidePost    = `UPDATE posts SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL AND deleted_at IS NULL RETURNING author_id, id`
	hideComment = `UPDATE comments SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL RETURNING author_id, post_id`
	hideFile    = `UPDATE files SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL RETURNING owner_id, COALESCE(post_id, '')`

	removePost    = `UPDATE posts SET removed_at = $1, deleted_at = $1 WHERE id = $2 AND hidden_at IS NOT NULL AND deleted_at IS NULL RETURNING author_id, id`
	removeComment = `UPDATE comments SET removed_at = $1 WHERE id = $2 AND hidden_at IS NOT NULL AND removed_at IS NULL RETURNING author_id, post_id`
	removeFile    = `UPDATE files SET removed_at = $1 WHERE id = $2 AND hidden_at IS NOT NULL AND removed_at IS NULL RETURNING owner_id, COALESCE(post_id, '')`

	// What its author deleted too stays deleted.
	showPost = `
		UPDATE posts SET hidden_at = NULL, removed_at = NULL, deleted_at = CASE WHEN removed_at IS NULL THEN deleted_at END
		WHERE id = $1 AND hidden_at IS NOT NULL RETURNING author_id, id`
	showComment = `UPDATE comments SET hidden_at = NULL, removed_at = NULL WHERE id = $1 AND hidden_at IS NOT NULL RETURNING author_id, post_id`
	showFile    = `UPDATE files SET hidden_at = NULL, removed_at = NULL WHERE id = $1 AND hidden_at IS NOT NULL RETURNING owner_id, COALESCE(post_id, '')`
)

// Hide hides a post, a comment or a file, and returns whose it is. It returns
// NotFound if there is no such thing, or if it is hidden already.
func (db *DB) Hide(ctx context.Context, what models.Subject, now time.Time) (owner models.UserID, err error) {
	statement := hidePost
	switch what.Kind {
	case models.SubjectComment:
		statement = hideComment
	case models.SubjectFile:
		statement = hideFile
	case models.SubjectPost, models.SubjectUser:
	}
	return db.judge(ctx, what, statement, -1, now)
}

// Remove hides a post, a comment or a file from its author too, and marks it as
// one to be purged. It returns NotFound if there is no such thing, or if it is
// removed already.
func (db *DB) Remove(ctx context.Context, what models.Subject, now time.Time) (owner models.UserID, err error) {
	statement := removePost
	switch what.Kind {
	case models.SubjectComment:
		statement = removeComment
	case models.SubjectFile:
		statement = removeFile
	case models.SubjectPost, models.SubjectUser:
	}
	err = db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.Hide(ctx, what, now); err != nil && !isNotFound(err) {
			return err
		}
		owner, err = tx.judge(ctx, what, statement, 0, now)
		return err
	})
	return owner, err
}

// Unhide undoes Hide and Remove. It returns NotFound if there is nothing to undo.
func (db *DB) Unhide(ctx context.Context, what models.Subject) (owner models.UserID, err error) {
	statement := showPost
	switch what.Kind {
	case models.SubjectComment:
		statement = showComment
	case models.SubjectFile:
		statement = showFile
	case models.SubjectPost, models.SubjectUser:
	}
	return db.judge(ctx, what, statement, 1)
}

// judge runs the statement about what, counts its comment up or down, and
// keeps lists and search true to it.
func (db *DB) judge(ctx context.Context, what models.Subject, statement string, count int, args ...any) (owner models.UserID, err error) {
	noun := string(what.Kind)
	if !what.Hideable() {
		return "", notFound(noun)
	}
	var post models.PostID
	err = db.Tx(ctx, func(tx *DB) error {
		if err := tx.row(ctx, statement, append(args, what.ID), &owner, &post); err != nil {
			return tx.classify(err, noun)
		}
		switch {
		case what.Kind == models.SubjectComment && count != 0:
			_, err := tx.exec(ctx, `UPDATE posts SET comment_count = comment_count + $1 WHERE id = $2`, count, post)
			return tx.classify(err, "post")
		case what.Kind == models.SubjectPost:
			return tx.listTags(ctx, post)
		case what.Kind == models.SubjectFile && post != "":
			return tx.ReindexPost(ctx, post)
		}
		return nil
	})
	return owner, err
}

// PurgeRemoved removes for good up to limit comments and up to limit files that
// moderators removed at removedBefore or earlier. It returns the files, whose
// bytes must go, and how many comments there were.
func (db *DB) PurgeRemoved(ctx context.Context, removedBefore time.Time, limit int) (files []models.File, comments int64, err error) {
	const remove = `
		DELETE FROM comments WHERE removed_at <= $1 AND id IN (SELECT id FROM comments WHERE removed_at <= $1 ORDER BY removed_at LIMIT $2)`
	err = db.Tx(ctx, func(tx *DB) error {
		if comments, err = tx.exec(ctx, remove, removedBefore, limit); err != nil {
			return err
		}
		due, err := gorm.G[models.File](tx.gorm).Where("removed_at <= ?", removedBefore).Order("removed_at, id").Limit(limit).Find(ctx)
		for i := 0; err == nil && i < len(due); i++ {
			var n int64 // none: somebody undid it meanwhile
			if n, err = tx.exec(ctx, `DELETE FROM files WHERE id = $1 AND removed_at <= $2`, due[i].ID, removedBefore); err == nil && n == 1 {
				files = append(files, due[i])
				err = tx.ReleaseStorage(ctx, due[i].OwnerID, due[i].Size)
			}
		}
		return err
	})
	if err != nil {
		return nil, 0, db.classify(err, "comment")
	}
	return files, comments, nil
}
