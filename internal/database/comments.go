package database

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// CreateComment inserts c and counts it at its post, or returns NotFound if
// its author may not open the post, or a moderator hid it.
func (db *DB) CreateComment(ctx context.Context, c *models.Comment) error {
	const count = `
		UPDATE posts SET comment_count = comment_count + 1
		WHERE id = $1 AND deleted_at IS NULL AND hidden_at IS NULL AND (visibility <> 'private' OR author_id = $2)
			AND EXISTS (SELECT 1 FROM users u WHERE u.id = author_id AND u.suspended_at IS NULL AND u.deletion_at IS NULL)`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", count, c.PostID, c.AuthorID); err != nil {
			return err
		}
		return create(ctx, tx, "comment", c)
	})
}

// DeleteComment removes a comment that who wrote, or that stands under a post
// of who's, or returns NotFound.
func (db *DB) DeleteComment(ctx context.Context, who models.UserID, id models.CommentID) error {
	const remove = `
		DELETE FROM comments
		WHERE id = $1 AND removed_at IS NULL AND (author_id = $2 OR post_id IN (SELECT id FROM posts WHERE author_id = $2))
		RETURNING post_id, hidden_at`
	return db.Tx(ctx, func(tx *DB) error {
		var c models.Comment
		if err := tx.row(ctx, remove, []any{id, who}, &c.PostID, &c.HiddenAt); err != nil || c.HiddenAt != nil { // a hidden one is not counted
			return tx.classify(err, "comment")
		}
		_, err := tx.exec(ctx, `UPDATE posts SET comment_count = comment_count - 1 WHERE id = $1`, c.PostID)
		return tx.classify(err, "post")
	})
}

// CommentsOf returns the comments of the post, oldest first, that are newer
// than after; a hidden one only to who wrote it. Whether the post may be opened
// is the caller's to know.
func (db *DB) CommentsOf(ctx context.Context, who models.UserID, post models.PostID, after models.Cursor, limit int) (models.Page[models.CommentView], error) {
	const find = `
		SELECT c.id, c.post_id, c.author_id, c.body, c.created_at, c.hidden_at, u.username, u.avatar, u.avatar_type
		FROM comments c JOIN users u ON u.id = c.author_id
		WHERE c.post_id = $1 AND (c.created_at, c.id) > ($2, $3)
			AND c.removed_at IS NULL AND (c.hidden_at IS NULL OR c.author_id = $4)
		ORDER BY c.created_at, c.id LIMIT $5`
	items := make([]models.CommentView, 0, limit+1)
	err := db.rows(ctx, find, []any{post, after.At, after.ID, who, limit + 1}, func(rows *sql.Rows) error {
		var v models.CommentView
		err := rows.Scan(commentColumns(&v)...)
		v.Author.ID = v.AuthorID
		items = append(items, v)
		return err
	})
	if err != nil {
		return models.Page[models.CommentView]{}, db.classify(err, "comment")
	}
	return models.PageOf(items, limit, models.CommentView.Cursor), nil
}

// AllCommentsOf returns up to limit of the comments that author wrote, in the
// order of their identifiers, after the one given.
func (db *DB) AllCommentsOf(ctx context.Context, author models.UserID, after models.CommentID, limit int) ([]models.Comment, error) {
	comments, err := gorm.G[models.Comment](db.gorm).Where("author_id = ? AND id > ?", author, after).Order("id").Limit(limit).Find(ctx)
	return comments, db.classify(err, "comment")
}

// CommentByID returns a comment of a post that who may open, or NotFound.
func (db *DB) CommentByID(ctx context.Context, who models.UserID, id models.CommentID) (models.CommentView, error) {
	const find = `
		SELECT c.id, c.post_id, c.author_id, c.body, c.created_at, c.hidden_at, u.username, u.avatar, u.avatar_type
		FROM comments c JOIN users u ON u.id = c.author_id JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id
		WHERE c.id = $1 AND p.deleted_at IS NULL AND (p.visibility <> 'private' AND p.hidden_at IS NULL OR p.author_id = $2)
			AND c.removed_at IS NULL AND (c.hidden_at IS NULL OR c.author_id = $2)
			AND a.suspended_at IS NULL AND a.deletion_at IS NULL`
	var v models.CommentView
	if err := db.row(ctx, find, []any{id, who}, commentColumns(&v)...); err != nil {
		return models.CommentView{}, db.classify(err, "comment")
	}
	v.Author.ID = v.AuthorID
	return v, nil
}

func commentColumns(v *models.CommentView) []any {
	return []any{&v.ID, &v.PostID, &v.AuthorID, &v.Body, &v.CreatedAt, &v.HiddenAt, &v.Author.Username, &v.Author.Avatar, &v.Author.AvatarType}
}
