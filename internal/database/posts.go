package database

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// A postRow is a row of posts.
type postRow struct {
	models.Post
	Tags string // with spaces between them, in order
}

// TableName tells GORM.
func (postRow) TableName() string { return "posts" }

// CreatePost inserts p with its tags.
func (db *DB) CreatePost(ctx context.Context, p *models.Post, tags []models.Tag) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := create(ctx, tx, "post", &postRow{Post: *p, Tags: joinTags(tags)}); err != nil {
			return err
		}
		return tx.createTags(ctx, p.ID, tags)
	})
}

// createTags makes the tags lead to the post, if the post is public.
func (db *DB) createTags(ctx context.Context, id models.PostID, tags []models.Tag) error {
	const insert = `
		INSERT INTO post_tags (tag, post_id, created_at, listed)
		SELECT $1, p.id, p.created_at, ` + publicPost + ` FROM posts p WHERE p.id = $2`
	for _, tag := range tags {
		if err := db.change(ctx, "tag", insert, tag, id); err != nil {
			return err
		}
	}
	return nil
}

// joinTags returns the tags as a tagColumn reads them. No tag contains a space.
func joinTags(tags []models.Tag) string {
	words := make([]string, len(tags))
	for i, tag := range tags {
		words[i] = string(tag)
	}
	return strings.Join(words, " ")
}

// A tagColumn reads the tags of a post from its column.
type tagColumn []models.Tag

// Scan implements sql.Scanner.
func (c *tagColumn) Scan(value any) error {
	var text sql.NullString
	if err := text.Scan(value); err != nil {
		return fmt.Errorf("reading tags: %w", err)
	}
	*c = splitTags(text.String)
	return nil
}

func splitTags(column string) []models.Tag {
	words := strings.Fields(column)
	tags := make([]models.Tag, len(words))
	for i, word := range words {
		tags[i] = models.Tag(word)
	}
	return tags
}

// A PostChange holds the parts of a post that authors can change.
type PostChange struct {
	Title   models.Title
	Content models.Content
	models.Rendered
	Excerpt    string
	Visibility models.Visibility
}

// UpdatePost changes a post of author's and replaces its tags, or returns NotFound.
func (db *DB) UpdatePost(
	ctx context.Context, author models.UserID, id models.PostID, to PostChange, tags []models.Tag, now time.Time,
) error {
	const update = `
		UPDATE posts SET title = $1, content = $2, html = $3, html_version = $4, excerpt = $5, visibility = $6, tags = $7, updated_at = $8
		WHERE id = $9 AND author_id = $10 AND deleted_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		err := tx.change(ctx, "post", update,
			to.Title, to.Content, to.HTML, to.HTMLVersion, to.Excerpt, to.Visibility, joinTags(tags), now, id, author)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM post_tags WHERE post_id = $1`, id); err != nil {
			return tx.classify(err, "tag")
		}
		return tx.createTags(ctx, id, tags)
	})
}

// FileNames returns the names of the files of a post, in order.
func (db *DB) FileNames(ctx context.Context, post models.PostID) ([]models.Filename, error) {
	const names = `SELECT name FROM files WHERE post_id = $1 AND removed_at IS NULL ORDER BY position, id`
	found, err := column[models.Filename](ctx, db, names, post)
	return found, db.classify(err, "post")
}

// SetTitle sets the title of a post of author's, or returns NotFound.
func (db *DB) SetTitle(ctx context.Context, author models.UserID, post models.PostID, title models.Title) error {
	return db.change(ctx, "post", `UPDATE posts SET title = $1 WHERE id = $2 AND author_id = $3`, title, post, author)
}

// HasPublicPost reports whether author has a public post.
func (db *DB) HasPublicPost(ctx context.Context, author models.UserID) (bool, error) {
	const first = `SELECT id FROM posts WHERE author_id = $1 AND visibility = 'public' LIMIT 1`
	found, err := column[models.PostID](ctx, db, first, author)
	return len(found) > 0, db.classify(err, "post")
}

// SetLastVisibility remembers what a user chose last for a post.
func (db *DB) SetLastVisibility(ctx context.Context, user models.UserID, v models.Visibility) error {
	_, err := db.exec(ctx, `UPDATE users SET last_visibility = $1 WHERE id = $2 AND last_visibility <> $1`, v, user)
	return db.classify(err, "user")
}

// MakePostPrivate makes a post of author's private, or returns NotFound.
func (db *DB) MakePostPrivate(ctx context.Context, author models.UserID, id models.PostID, now time.Time) error {
	const update = `
		UPDATE posts SET visibility = 'private', updated_at = CASE WHEN visibility = 'private' THEN updated_at ELSE $1 END
		WHERE id = $2 AND author_id = $3 AND deleted_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", update, now, id, author); err != nil {
			return err
		}
		return tx.listTags(ctx, id)
	})
}

// DeletePost marks a post of author's as deleted, which hides it from everyone, or
// returns NotFound.
func (db *DB) DeletePost(ctx context.Context, author models.UserID, id models.PostID, now time.Time) error {
	const hide = `UPDATE posts SET deleted_at = $1 WHERE id = $2 AND author_id = $3 AND deleted_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", hide, now, id, author); err != nil {
			return err
		}
		return tx.listTags(ctx, id)
	})
}

// RestorePost restores a post that author deleted after deletedAfter, or returns
// NotFound.
func (db *DB) RestorePost(ctx context.Context, author models.UserID, id models.PostID, deletedAfter time.Time) error {
	const restore = `UPDATE posts SET deleted_at = NULL WHERE id = $1 AND author_id = $2 AND deleted_at > $3 AND removed_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", restore, id, author, deletedAfter); err != nil {
			return err
		}
		return tx.listTags(ctx, id)
	})
}

// listTags makes the tags of a public post lead to it, and those of any other
// post not.
func (db *DB) listTags(ctx context.Context, id models.PostID) error {
	const list = `
		UPDATE post_tags SET listed = EXISTS (SELECT 1 FROM posts p WHERE p.id = post_id AND ` + publicPost + `) WHERE post_id = $1`
	_, err := db.exec(ctx, list, id)
	return db.classify(err, "tag")
}

// AllPostsOf returns author's posts that are older than before, with their content
// and including deleted ones, newest first.
func (db *DB) AllPostsOf(
	ctx context.Context, author models.UserID, before models.Cursor, limit int,
) (models.Page[models.PostView], error) {
	rows, err := find[postRow](db.gorm.WithContext(ctx).Where("author_id = ? AND (created_at, id) < (?, ?)", author, start(before), before.ID).
		Order("created_at DESC, id DESC").Limit(limit + 1))
	if err != nil {
		return models.Page[models.PostView]{}, db.classify(err, "post")
	}
	views := make([]models.PostView, len(rows))
	for i, row := range rows {
		views[i] = models.PostView{Post: row.Post, Tags: splitTags(row.Tags)}
	}
	return models.PageOf(views, limit, models.PostView.Cursor), nil
}

// DeletedPostsOf returns the posts that author deleted after deletedAfter, the last
// deleted first.
func (db *DB) DeletedPostsOf(ctx context.Context, author models.UserID, deletedAfter time.Time) ([]models.Post, error) {
	posts, err := find[models.Post](db.gorm.WithContext(ctx).
		Where("author_id = ? AND deleted_at > ? AND removed_at IS NULL", author, deletedAfter).Order("deleted_at DESC, id DESC"))
	return posts, db.classify(err, "post")
}

// PurgePosts removes up to limit posts that were deleted at deletedBefore or
// earlier, and not removed by a moderator since, with everything that belongs to them, and releases the storage of their
// files. It returns the files, whose bytes the caller must delete, and the number
// of posts.
func (db *DB) PurgePosts(ctx context.Context, deletedBefore time.Time, limit int) (files []models.File, n int, err error) {
	// The update changes nothing. It locks the rows, so that no post is restored
	// meanwhile.
	const claim = `
		UPDATE posts SET deleted_at = deleted_at
		WHERE deleted_at <= $1 AND (removed_at IS NULL OR removed_at <= $1) AND id IN (
			SELECT id FROM posts WHERE deleted_at <= $1 AND (removed_at IS NULL OR removed_at <= $1) ORDER BY deleted_at LIMIT $2)
		RETURNING id`
	return db.removePosts(ctx, claim, deletedBefore, limit)
}

// removePosts removes the posts that find returns, as PurgePosts does.
func (db *DB) removePosts(ctx context.Context, find string, args ...any) (files []models.File, n int, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		ids, err := column[models.PostID](ctx, tx, find, args...)
		for i := 0; err == nil && i < len(ids); i++ {
			var of []models.File
			of, err = tx.removePost(ctx, ids[i])
			files = append(files, of...)
		}
		n = len(ids)
		return err
	})
	if err != nil {
		return nil, 0, db.classify(err, "post")
	}
	return files, n, nil
}

// removePost removes a post with its files, comments and tags, and returns the files.
func (db *DB) removePost(ctx context.Context, id models.PostID) ([]models.File, error) {
	const find = `SELECT ` + fileColumns + ` FROM files f WHERE f.post_id = $1`
	files, err := list(ctx, db, find, []any{id}, fileFields)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := db.ReleaseStorage(ctx, f.OwnerID, f.Size); err != nil {
			return nil, err
		}
	}
	if _, err := db.exec(ctx, `DELETE FROM files WHERE post_id = $1`, id); err != nil {
		return nil, err
	}
	if err := db.unindexPost(ctx, id); err != nil {
		return nil, err
	}
	_, err = db.exec(ctx, `DELETE FROM posts WHERE id = $1`, id)
	return files, err
}
