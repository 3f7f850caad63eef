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
		SELECT t.tag, COUNT(*)
		FROM post_tags t JOIN posts p ON p.id = t.post_id
		WHERE t.tag > $1 AND t.tag >= $2 AND t.tag < $3 AND p.visibility = 'public' AND p.deleted_at IS NULL
		GROUP BY t.tag ORDER BY t.tag LIMIT $4`
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
