package database

import (
	"context"
	"database/sql"
	"strings"

	"example.org/cloakroom/internal/models"
)

// ReindexPost lets the post be found by what it holds now: its title, content
// and tags, and the names of its files.
func (db *DB) ReindexPost(ctx context.Context, id models.PostID) error {
	const parts = `
		SELECT title FROM posts WHERE id = $1
		UNION ALL SELECT content FROM posts WHERE id = $1
		UNION ALL SELECT tag FROM post_tags WHERE post_id = $1
		UNION ALL SELECT name FROM files WHERE post_id = $1 AND hidden_at IS NULL`
	var document strings.Builder
	err := db.rows(ctx, parts, []any{id}, func(rows *sql.Rows) error {
		var part string
		err := rows.Scan(&part)
		document.WriteString(part)
		document.WriteByte('\n')
		return err
	})
	if err != nil {
		return db.classify(err, "post")
	}
	return db.IndexPost(ctx, id, document.String())
}
