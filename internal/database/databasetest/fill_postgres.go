package databasetest

import (
	"context"
	"database/sql"
	"fmt"
)

// The statements for PostgreSQL insert the same as those for SQLite. They use joins
// that PostgreSQL can hash, and get the number of a post from its time.
const (
	someID   = `substr(translate(upper(replace(gen_random_uuid()::text, '-', '')), '0189', 'GHIJ'), 1, 26)`
	instant  = `to_timestamp(1767225600 + i * 60)`
	counting = ` FROM generate_series(1, $1::int) AS n(i) `
	numbered = ` (SELECT *, (extract(epoch FROM created_at)::bigint - 1767225600) / 60 AS seq FROM posts) AS p `

	fillUserPG = `
		INSERT INTO ` + userColumns + `
		SELECT ` + someID + `, 'User_' || i, 'user_' || i, 'user_' || i || '@example.org', '',
			` + userKind + `, ` + instant + `, ` + instant + `, FALSE, CASE WHEN i % 20000 = 5 THEN ` + instant + ` END` + counting

	fillPostPG = `
		INSERT INTO posts (id, author_id, title, excerpt, visibility, tags, comment_count, created_at, updated_at, deleted_at, content)
		SELECT ` + someID + `, u.id, 'What I found on walk number ' || i,
			'On walk ' || i || ' there was a lake, and a boat on it, and nobody in the boat. The pictures were taken from the shore.',
			CASE i % 50 WHEN 0 THEN 'private' WHEN 1 THEN 'unlisted' ELSE 'public' END,
			'tag' || (i % 100) || ' tag' || ((2 * i + 7) % 100 + 100), 0, ` + instant + `, ` + instant + `,
			CASE i % 70 WHEN 0 THEN ` + instant + ` END,
			repeat('On walk ' || i || ' there was a lake, and a boat on it, and nobody in the boat. ', 10)` + counting + `
		JOIN users u ON u.username_key = 'user_' || CASE i % 5 WHEN 0 THEN 1 ELSE i % $2::int + 1 END`

	fillTagPG = `
		INSERT INTO post_tags (post_id, tag, created_at, listed)
		SELECT id, t.tag, created_at, visibility = 'public' AND deleted_at IS NULL FROM posts, string_to_table(tags, ' ') AS t(tag)`

	fillFilePG = `
		INSERT INTO ` + fileColumns + `
		SELECT ` + someID + `, author_id, CASE seq % 2 WHEN 0 THEN id END, 0, 'The lake ' || (seq % 9973) || '.jpg',
			'the lake ' || (seq % 9973) || '.jpg', ` + someID + `, 3000000 + seq % 1000, md5(id) || md5(id), 'cbf43926', 'image/jpeg', 'image',
			'ready', '', 4000, 3000, ` + someID + `, 3000000, md5(id) || md5(id), 'cbf43926', ` + someID + `, ` + someID + `,
			'image/jpeg', created_at, created_at FROM` + numbered

	fillSearchPG = `
		INSERT INTO post_search (document, post_id)
		SELECT array_to_tsvector(array_remove(string_to_array(lower(title || ' ' || translate(content, ',.', '')), ' '), '')), id FROM posts`

	fillCommentPG = `
		INSERT INTO comments (id, post_id, author_id, body, created_at)
		SELECT ` + someID + `, p.id, u.id,
			'I know that lake. In winter one can walk to the island, and the boat lies on the ice.', ` + instant + counting + `
		JOIN` + numbered + `ON p.seq = CASE i % 10 WHEN 0 THEN 1 ELSE i % $3::int + 1 END
		JOIN users u ON u.username_key = 'user_' || (i % $2::int + 1)`

	countCommentsPG = `
		UPDATE posts SET comment_count = c.many
		FROM (SELECT post_id, COUNT(*) AS many FROM comments GROUP BY post_id) c WHERE c.post_id = id`

	fillEventPG = `
		INSERT INTO ` + eventColumns + `
		SELECT i, ` + instant + `, a.id, ` + eventKind + `, 'user:' || u.id, ` + eventEnd + counting + `
		JOIN users u ON u.username_key = 'user_' || (i % $2::int + 1) CROSS JOIN users a WHERE a.username_key = 'user_1'`
)

func fillPostgres(ctx context.Context, conn *sql.Conn, size Size) error {
	for _, step := range []struct {
		what, statement string
		args            []any
	}{
		{"beginning", `BEGIN`, nil},
		{"users", fillUserPG, []any{size.Users}},
		{"posts", fillPostPG, []any{size.Posts, size.Users}},
		{"tags", fillTagPG, nil},
		{"files", fillFilePG, nil},
		{"the search", fillSearchPG, nil},
		{"comments", fillCommentPG, []any{size.Comments, size.Users, size.Posts}},
		{"counting", countCommentsPG, nil},
		{"events", fillEventPG, []any{size.Events, size.Users}},
		{"the head", headEvent, []any{size.Events}},
		{"committing", `COMMIT`, nil},
		{"looking at it", `ANALYZE`, nil}, // as the server does by itself a minute later
	} {
		if _, err := conn.ExecContext(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("filling, %s: %w", step.what, err)
		}
	}
	return nil
}
