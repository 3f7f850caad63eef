package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// Tags returns the tags of public posts that begin with prefix and sort after the
// tag after, each with its number of posts.
func (db *DB) Tags(ctx context.Context, prefix string, after models.Tag, limit int) ([]models.TagCount, error) {
	const find = `
		SELECT tag, COUNT(*) FROM post_tags
		WHERE listed = true AND tag > $1 AND tag >= $2 AND tag < $3
		GROUP BY tag ORDER BY tag LIMIT $4`
	const last = "\U0010FFFF" // after every character of a tag
	tags, err := list(ctx, db, find, []any{after, prefix, prefix + last, limit}, func(t *models.TagCount) []any {
		return []any{&t.Tag, &t.Posts}
	})
	return tags, db.classify(err, "tag")
}
