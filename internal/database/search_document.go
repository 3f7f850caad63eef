package database

import (
	"context"
	"strings"

	"example.org/cloakroom/internal/models"
)

// ReindexPost makes searches find the post by its current title, content and tags,
// and the names of its files.
func (db *DB) ReindexPost(ctx context.Context, id models.PostID) error {
	const parts = `
		SELECT title FROM posts WHERE id = $1
		UNION ALL SELECT content FROM posts WHERE id = $1
		UNION ALL SELECT tag FROM post_tags WHERE post_id = $1
		UNION ALL SELECT name FROM files WHERE post_id = $1 AND hidden_at IS NULL`
	document, err := column[string](ctx, db, parts, id)
	if err != nil {
		return db.classify(err, "post")
	}
	return db.IndexPost(ctx, id, strings.Join(document, "\n"))
}
