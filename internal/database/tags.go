package database

import (
	"context"
	"database/sql"

	"example.org/cloakroom/internal/models"
)

// Tags returns the tags of public posts that begin with prefix and come after
// the tag after, in the order of their characters, with the number of posts.
func (db *DB) Tags(ctx context.Context, prefix string, after models.Tag, limit int) ([]models.TagCount, error) {
	const find = `
		SELECT tag, COUNT(*) FROM post_tags
		WHERE listed = true AND tag > $1 AND tag >= $2 AND tag < $3
		GROUP BY tag ORDER BY tag LIMIT $4`
	const last = "\U0010FFFF" // after every character of a tag
	tags := []models.TagCount{}
	err := db.rows(ctx, find, []any{after, prefix, prefix + last, limit}, func(rows *sql.Rows) error {
		var tag models.TagCount
		err := rows.Scan(&tag.Tag, &tag.Posts)
		tags = append(tags, tag)
		return err
	})
	return tags, db.classify(err, "tag")
}
