package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// Each decision is one conditional statement. It changes nothing if another
// decision came first.

// Hide hides a post, a comment or a file, and returns its owner. It returns NotFound
// if there is no such subject, or if it is hidden already. A post that its author deleted
// is hidden too: restored, it would be seen again.
func (db *DB) Hide(ctx context.Context, what models.Subject, now time.Time) (owner models.UserID, err error) {
	return db.decide(ctx, what, -1,
		`UPDATE posts SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL RETURNING author_id, id`,
		`UPDATE comments SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL RETURNING author_id, post_id`,
		`UPDATE files SET hidden_at = $1 WHERE id = $2 AND hidden_at IS NULL RETURNING owner_id, COALESCE(post_id, '')`, now)
}

// Remove hides a post, a comment or a file from its owner too, and marks it to be
// purged. It returns NotFound if there is no such subject, or if it is removed already.
func (db *DB) Remove(ctx context.Context, what models.Subject, now time.Time) (owner models.UserID, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		if _, err := tx.Hide(ctx, what, now); err != nil && !isNotFound(err) {
			return err
		}
		owner, err = tx.decide(ctx, what, 0,
			`UPDATE posts SET removed_at = $1, deleted_at = COALESCE(deleted_at, $1)
				WHERE id = $2 AND hidden_at IS NOT NULL AND removed_at IS NULL RETURNING author_id, id`,
			`UPDATE comments SET removed_at = $1
				WHERE id = $2 AND hidden_at IS NOT NULL`+notRemoved+` RETURNING author_id, post_id`,
			`UPDATE files SET removed_at = $1
				WHERE id = $2 AND hidden_at IS NOT NULL`+notRemoved+` RETURNING owner_id, COALESCE(post_id, '')`, now)
		return err
	})
	return owner, err
}

// Unhide undoes Hide and Remove. It returns NotFound if there is nothing to undo, or if the
// owner of a comment or a file deleted it meanwhile.
func (db *DB) Unhide(ctx context.Context, what models.Subject) (owner models.UserID, err error) {
	return db.decide(ctx, what, 1,
		// A post that its author deleted before stays deleted.
		`UPDATE posts SET hidden_at = NULL, removed_at = NULL, deleted_at = CASE WHEN deleted_at = removed_at THEN NULL ELSE deleted_at END
			WHERE id = $1 AND hidden_at IS NOT NULL RETURNING author_id, id`,
		`UPDATE comments SET hidden_at = NULL, removed_at = NULL
			WHERE id = $1 AND hidden_at IS NOT NULL AND owner_deleted_at IS NULL RETURNING author_id, post_id`,
		`UPDATE files SET hidden_at = NULL, removed_at = NULL
			WHERE id = $1 AND hidden_at IS NOT NULL AND owner_deleted_at IS NULL RETURNING owner_id, COALESCE(post_id, '')`)
}

// notRemoved are the comments and files that no moderator has removed, though their owner may
// have deleted them while they were hidden.
const notRemoved = ` AND (removed_at IS NULL OR removed_at = owner_deleted_at)`

// decide runs the statement for the kind of the subject, adds count to the number
// of comments of its post, and updates lists and search accordingly.
func (db *DB) decide(
	ctx context.Context, what models.Subject, count int, onPost, onComment, onFile string, args ...any,
) (owner models.UserID, err error) {
	noun := string(what.Kind)
	if !what.Hideable() {
		return "", notFound(noun)
	}
	statement := onPost
	switch what.Kind {
	case models.SubjectComment:
		statement = onComment
	case models.SubjectFile:
		statement = onFile
	case models.SubjectPost, models.SubjectUser:
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

// PurgeRemoved deletes up to limit comments and up to limit files that moderators
// removed at removedBefore or earlier. It returns the files, whose bytes the caller
// must delete, and the number of comments.
func (db *DB) PurgeRemoved(ctx context.Context, removedBefore time.Time, limit int) (files []models.File, comments int64, err error) {
	const remove = `
		DELETE FROM comments WHERE removed_at <= $1 AND id IN (SELECT id FROM comments WHERE removed_at <= $1 ORDER BY removed_at LIMIT $2)`
	err = db.Tx(ctx, func(tx *DB) error {
		if comments, err = tx.exec(ctx, remove, removedBefore, limit); err != nil {
			return err
		}
		due, err := find[models.File](tx.gorm.WithContext(ctx).Where("removed_at <= ?", removedBefore).Order("removed_at, id").Limit(limit))
		for i := 0; err == nil && i < len(due); i++ {
			var n int64 // 0: a moderator undid the removal meanwhile
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
