package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// The lists below hold for each post what a card shows: its Content is empty, and
// of its files there are only the listed ones, with name, size, types, sides and
// thumbnails. PostFor returns the rest.

// postColumns are the columns of a post p with its author u, in the order of postFields.
const postColumns = `p.id, p.author_id, p.title, p.excerpt, p.visibility, p.comment_count, p.created_at, p.updated_at, p.hidden_at,
	u.id, u.username, u.avatar, u.avatar_type, p.tags`

// postFields returns where to scan postColumns.
func postFields(v *models.PostView) []any {
	return []any{&v.ID, &v.AuthorID, &v.Title, &v.Excerpt, &v.Visibility, &v.CommentCount, &v.CreatedAt, &v.UpdatedAt, &v.HiddenAt,
		&v.Author.ID, &v.Author.Username, &v.Author.Avatar, &v.Author.AvatarType, (*tagColumn)(&v.Tags)}
}

// postText are the columns of the text of a post p.
const postText = `p.content, p.html, p.html_version`

// Feed returns the public posts that are older than before, newest first.
func (db *DB) Feed(ctx context.Context, before models.Cursor, limit int) (models.Page[models.PostView], error) {
	const find = `
		SELECT ` + postColumns + ` FROM posts p JOIN users u ON u.id = p.author_id
		WHERE (p.created_at, p.id) < ($1, $2) AND ` + publicPost + ` AND ` + activeUser + `
		ORDER BY p.created_at DESC, p.id DESC LIMIT $3`
	return db.posts(ctx, limit, find, start(before), startID(before), limit+1)
}

// PostsByTag returns the public posts with tag that are older than before,
// newest first.
func (db *DB) PostsByTag(ctx context.Context, tag models.Tag, before models.Cursor, limit int) (models.Page[models.PostView], error) {
	const find = `
		SELECT ` + postColumns + ` FROM post_tags t JOIN posts p ON p.id = t.post_id JOIN users u ON u.id = p.author_id
		WHERE t.listed = true AND t.tag = $1 AND (t.created_at, t.post_id) < ($2, $3) AND ` + activeUser + `
		ORDER BY t.created_at DESC, t.post_id DESC LIMIT $4`
	return db.posts(ctx, limit, find, tag, start(before), startID(before), limit+1)
}

// PostsBy returns author's posts that the viewer finds in lists and that are
// older than before, newest first.
func (db *DB) PostsBy(
	ctx context.Context, author, viewer models.UserID, before models.Cursor, limit int,
) (models.Page[models.PostView], error) {
	const find = `
		SELECT ` + postColumns + ` FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.author_id = $1 AND ` + listedPost + ` AND (p.created_at, p.id) < ($3, $4)
		ORDER BY p.created_at DESC, p.id DESC LIMIT $5`
	return db.posts(ctx, limit, find, author, viewer, start(before), startID(before), limit+1)
}

// posts runs a query for a list of posts, which asks for one more than limit.
func (db *DB) posts(ctx context.Context, limit int, query string, args ...any) (models.Page[models.PostView], error) {
	items, err := list(ctx, db, query, args, postFields)
	page := models.PageOf(items, limit, models.PostView.Cursor)
	if err == nil {
		err = db.loadCards(ctx, page.Items)
	}
	if err != nil {
		return models.Page[models.PostView]{}, db.classify(err, "post")
	}
	return page, nil
}

// afterAllTimes is later than every time in the database.
var afterAllTimes = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// start returns the time of the cursor, or afterAllTimes if it is zero.
func start(before models.Cursor) time.Time {
	if before.IsZero() {
		return afterAllTimes
	}
	return before.At
}

// startID returns the ID of the cursor, which goes with start.
func startID(before models.Cursor) string { return before.ID }
