package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// CreateComment inserts c and counts it at its post. It returns NotFound if its
// author may not open the post, or if a moderator hid the post.
func (db *DB) CreateComment(ctx context.Context, c *models.Comment) error {
	const count = `
		UPDATE posts AS p SET comment_count = comment_count + 1
		WHERE p.id = $1 AND p.hidden_at IS NULL AND EXISTS (SELECT 1 FROM users u WHERE u.id = p.author_id AND ` + readablePost + `)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", count, c.PostID, c.AuthorID); err != nil {
			return err
		}
		return create(ctx, tx, "comment", c)
	})
}

// DeleteComment removes a comment that the user wrote, or that is on a post of theirs, or
// returns NotFound. One that a moderator has hidden is kept as removed, for as long as the
// decision can be undone.
func (db *DB) DeleteComment(ctx context.Context, user models.UserID, id models.CommentID, now time.Time) error {
	const (
		keep = `
			UPDATE comments SET removed_at = $1, owner_deleted_at = $1 WHERE id = $2 AND removed_at IS NULL AND hidden_at IS NOT NULL
				AND (author_id = $3 OR post_id IN (SELECT id FROM posts WHERE author_id = $3))`
		drop = `
			DELETE FROM comments WHERE id = $1 AND removed_at IS NULL AND hidden_at IS NULL
				AND (author_id = $2 OR post_id IN (SELECT id FROM posts WHERE author_id = $2)) RETURNING post_id`
	)
	return db.Tx(ctx, func(tx *DB) error {
		if kept, err := tx.exec(ctx, keep, now, id, user); err != nil || kept > 0 { // a hidden one is not counted
			return tx.classify(err, "comment")
		}
		var c models.Comment
		if err := tx.row(ctx, drop, []any{id, user}, &c.PostID); err != nil {
			return tx.classify(err, "comment")
		}
		_, err := tx.exec(ctx, `UPDATE posts SET comment_count = comment_count - 1 WHERE id = $1`, c.PostID)
		return tx.classify(err, "post")
	})
}

// commentColumns are the columns of a comment c with its author w, in the order
// of commentFields.
const commentColumns = `c.id, c.post_id, c.author_id, c.body, c.html, c.html_version, c.created_at, c.hidden_at,
	w.id, w.username, w.avatar, w.avatar_type`

// commentFields returns where to scan commentColumns.
func commentFields(v *models.CommentView) []any {
	return []any{&v.ID, &v.PostID, &v.AuthorID, &v.Body, &v.HTML, &v.HTMLVersion, &v.CreatedAt, &v.HiddenAt,
		&v.Author.ID, &v.Author.Username, &v.Author.Avatar, &v.Author.AvatarType}
}

// CommentsOf returns the comments of the post that the viewer sees and that are
// newer than after, oldest first. The caller checks that the viewer may open the
// post.
func (db *DB) CommentsOf(
	ctx context.Context, viewer models.UserID, post models.PostID, after models.Cursor, limit int,
) (models.Page[models.CommentView], error) {
	const find = `
		SELECT ` + commentColumns + ` FROM comments c JOIN users w ON w.id = c.author_id
		WHERE c.post_id = $1 AND ` + readableComment + ` AND (c.created_at, c.id) > ($3, $4)
		ORDER BY c.created_at, c.id LIMIT $5`
	items, err := list(ctx, db, find, []any{post, viewer, after.At, after.ID, limit + 1}, commentFields)
	return models.PageOf(items, limit, models.CommentView.Cursor), db.classify(err, "comment")
}

// AllCommentsOf returns up to limit of author's comments in the order of their
// IDs, from the one after the given ID on.
func (db *DB) AllCommentsOf(ctx context.Context, author models.UserID, after models.CommentID, limit int) ([]models.Comment, error) {
	comments, err := find[models.Comment](db.gorm.WithContext(ctx).Where("author_id = ? AND id > ?", author, after).Order("id").Limit(limit))
	return comments, db.classify(err, "comment")
}

// CommentByID returns a comment that the viewer sees, of a post that the viewer
// may open, or NotFound.
func (db *DB) CommentByID(ctx context.Context, viewer models.UserID, id models.CommentID) (models.CommentView, error) {
	const find = `
		SELECT ` + commentColumns + `
		FROM comments c JOIN users w ON w.id = c.author_id JOIN posts p ON p.id = c.post_id JOIN users u ON u.id = p.author_id
		WHERE c.id = $1 AND ` + readablePost + ` AND ` + readableComment
	var v models.CommentView
	err := db.row(ctx, find, []any{id, viewer}, commentFields(&v)...)
	return v, db.classify(err, "comment")
}
