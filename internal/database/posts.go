package database

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// A postRow is a row of posts.
type postRow struct {
	models.Post
	Tags string // with spaces between them, in order
}

// TableName tells GORM.
func (postRow) TableName() string { return "posts" }

// A postTag is a row of post_tags.
type postTag struct {
	PostID    models.PostID
	Tag       models.Tag
	CreatedAt time.Time // the post's
	Listed    bool      // the tag leads to the post; listTags keeps it true
}

// CreatePost inserts p with its tags.
func (db *DB) CreatePost(ctx context.Context, p *models.Post, tags []models.Tag) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := create(ctx, tx, "post", &postRow{Post: *p, Tags: joinTags(tags)}); err != nil {
			return err
		}
		return tx.createTags(ctx, p, tags)
	})
}

func (db *DB) createTags(ctx context.Context, p *models.Post, tags []models.Tag) error {
	if len(tags) == 0 {
		return nil
	}
	rows := make([]postTag, len(tags))
	for i, tag := range tags {
		rows[i] = postTag{PostID: p.ID, Tag: tag, CreatedAt: p.CreatedAt}
	}
	if err := gorm.G[postTag](db.gorm).CreateInBatches(ctx, &rows, len(rows)); err != nil {
		return db.classify(err, "tag")
	}
	return db.listTags(ctx, p.ID)
}

// joinTags and splitTags turn tags into a column and back. No tag holds a space.
func joinTags(tags []models.Tag) string {
	words := make([]string, len(tags))
	for i, tag := range tags {
		words[i] = string(tag)
	}
	return strings.Join(words, " ")
}

func splitTags(column string) []models.Tag {
	words := strings.Fields(column)
	tags := make([]models.Tag, len(words))
	for i, word := range words {
		tags[i] = models.Tag(word)
	}
	return tags
}

// A PostChange is what authors may change about a post.
type PostChange struct {
	Title      models.Title
	Content    models.Content
	Excerpt    string
	Visibility models.Visibility
}

// UpdatePost changes a post of author's and gives it these tags, or returns
// NotFound.
func (db *DB) UpdatePost(ctx context.Context, author models.UserID, id models.PostID, to PostChange, tags []models.Tag, now time.Time) error {
	const update = `
		UPDATE posts SET title = $1, content = $2, excerpt = $3, visibility = $4, tags = $5, updated_at = $6
		WHERE id = $7 AND author_id = $8 AND deleted_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", update, to.Title, to.Content, to.Excerpt, to.Visibility, joinTags(tags), now, id, author); err != nil {
			return err
		}
		p := models.Post{ID: id}
		if err := tx.row(ctx, `SELECT created_at FROM posts WHERE id = $1`, []any{id}, &p.CreatedAt); err != nil {
			return tx.classify(err, "post")
		}
		if _, err := tx.exec(ctx, `DELETE FROM post_tags WHERE post_id = $1`, id); err != nil {
			return tx.classify(err, "tag")
		}
		return tx.createTags(ctx, &p, tags)
	})
}

// DeletePost hides a post of author's from everyone, or returns NotFound.
func (db *DB) DeletePost(ctx context.Context, author models.UserID, id models.PostID, now time.Time) error {
	const hide = `UPDATE posts SET deleted_at = $1 WHERE id = $2 AND author_id = $3 AND deleted_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", hide, now, id, author); err != nil {
			return err
		}
		return tx.listTags(ctx, id)
	})
}

// RestorePost brings back a post that author deleted after deletedAfter, or
// returns NotFound.
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

// AllPostsOf returns author's posts whole, also those that are deleted, newest
// first, that are older than before.
func (db *DB) AllPostsOf(ctx context.Context, author models.UserID, before models.Cursor, limit int) (models.Page[models.PostView], error) {
	rows, err := gorm.G[postRow](db.gorm).Where("author_id = ? AND (created_at, id) < (?, ?)", author, start(before), before.ID).
		Order("created_at DESC, id DESC").Limit(limit + 1).Find(ctx)
	if err != nil {
		return models.Page[models.PostView]{}, db.classify(err, "post")
	}
	views := make([]models.PostView, len(rows))
	for i, row := range rows {
		views[i] = models.PostView{Post: row.Post, Tags: splitTags(row.Tags)}
	}
	return models.PageOf(views, limit, models.PostView.Cursor), nil
}

// DeletedPostsOf returns the posts that author deleted after deletedAfter, the
// last deleted first.
func (db *DB) DeletedPostsOf(ctx context.Context, author models.UserID, deletedAfter time.Time) ([]models.Post, error) {
	posts, err := gorm.G[models.Post](db.gorm).Where("author_id = ? AND deleted_at > ? AND removed_at IS NULL", author, deletedAfter).
		Order("deleted_at DESC, id DESC").Find(ctx)
	return posts, db.classify(err, "post")
}

// PurgePosts removes up to limit posts that were deleted at deletedBefore or
// earlier, with all that hangs on them, and gives their owners back the
// storage of the files. It returns the files, whose bytes must go, and the
// number of posts.
func (db *DB) PurgePosts(ctx context.Context, deletedBefore time.Time, limit int) (files []models.File, n int, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		ids, err := tx.claimDeleted(ctx, deletedBefore, limit)
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

// removePosts removes the posts with all that hangs on them, comments and tags too.
func (db *DB) removePosts(ctx context.Context, ids []models.PostID) (files []models.File, n int, err error) {
	if files, err = gorm.G[models.File](db.gorm).Where("post_id IN ?", ids).Find(ctx); err != nil {
		return nil, 0, err
	}
	for _, f := range files {
		if err := db.ReleaseStorage(ctx, f.OwnerID, f.Size); err != nil {
			return nil, 0, err
		}
	}
	if _, err := gorm.G[models.File](db.gorm).Where("post_id IN ?", ids).Delete(ctx); err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		if err := db.unindexPost(ctx, id); err != nil {
			return nil, 0, err
		}
	}
	n, err = gorm.G[models.Post](db.gorm).Where("id IN ?", ids).Delete(ctx)
	return files, n, err
}

// claimDeleted returns the posts to purge. The update changes nothing: it
// locks the rows, so that none is restored meanwhile.
func (db *DB) claimDeleted(ctx context.Context, deletedBefore time.Time, limit int) (ids []models.PostID, err error) {
	const claim = `
		UPDATE posts SET deleted_at = deleted_at
		WHERE deleted_at <= $1 AND id IN (SELECT id FROM posts WHERE deleted_at <= $1 ORDER BY deleted_at LIMIT $2)
		RETURNING id`
	err = db.rows(ctx, claim, []any{deletedBefore, limit}, func(rows *sql.Rows) error {
		var id models.PostID
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}
