package databasetest

import (
	"context"
	"errors"
	"fmt"

	"example.org/cloakroom/internal/database"
)

// fillUsers is how many users write what Fill makes.
const fillUsers = 1000

// The statements of Fill. Each counts i from 1 to the number it is given. IDs
// are random, as ours are, and times are written as the driver writes them.
const (
	counted = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	// In the letters of crypto/rand.Text: places in lists are marked with IDs.
	newID  = `replace(replace(replace(replace(hex(randomblob(13)), '0', 'G'), '1', 'H'), '8', 'I'), '9', 'J')`
	moment = `strftime('%Y-%m-%d %H:%M:%S', 1767225600 + i * 60, 'unixepoch') || '+00:00'`

	fillUser = counted + `
		INSERT INTO users SELECT ` + newID + `, 'User_' || i, 'user_' || i, 'user@example.org', '', 'user', 'free',
			'', '', '', '', '', 0, ` + moment + `, ` + moment + `, NULL, NULL, NULL, NULL FROM n`

	// A few are private, unlisted or deleted, for the feed to pass over.
	fillPost = counted + `
		INSERT INTO posts (seq, id, author_id, title, excerpt, visibility, tags, comment_count, created_at, updated_at, deleted_at, content)
		SELECT i, ` + newID + `, (SELECT id FROM users WHERE rowid = i % (SELECT MAX(rowid) FROM users) + 1),
			'What I found on walk number ' || i,
			'On walk ' || i || ' there was a lake, and a boat on it, and nobody in the boat. The pictures were taken from the shore.',
			CASE i % 50 WHEN 0 THEN 'private' WHEN 1 THEN 'unlisted' ELSE 'public' END,
			'tag' || (i % 100) || ' tag' || ((2 * i + 7) % 100 + 100), 0, ` + moment + `, ` + moment + `,
			CASE i % 70 WHEN 0 THEN ` + moment + ` END,
			replace(hex(zeroblob(10)), '00', 'On walk ' || i || ' there was a lake, and a boat on it, and nobody in the boat. ')
		FROM n`

	// One row for each of a post's two tags.
	fillTag = counted + `
		INSERT INTO post_tags (post_id, tag, created_at, listed)
		SELECT id, CASE which WHEN 0 THEN substr(tags, 1, instr(tags, ' ') - 1) ELSE substr(tags, instr(tags, ' ') + 1) END, created_at,
			visibility = 'public' AND deleted_at IS NULL
		FROM n, posts, (SELECT 0 AS which UNION ALL SELECT 1) WHERE seq = i`

	// Each second post has a picture.
	fillFile = counted + `
		INSERT INTO files (id, owner_id, post_id, position, name, blob, size, sha256, media_type, kind, state, reason, width, height,
			clean, clean_size, clean_sha256, thumb_small, thumb_large, thumb_type, created_at, updated_at)
		SELECT ` + newID + `, author_id, id, 0, 'the lake.jpg', ` + newID + `, 3000000, hex(randomblob(32)), 'image/jpeg', 'image',
			'ready', '', 4000, 3000, ` + newID + `, 3000000, hex(randomblob(32)), ` + newID + `, ` + newID + `,
			'image/jpeg', created_at, created_at
		FROM n, posts WHERE seq = i AND i % 2 = 0`

	fillSearch = counted + `
		INSERT INTO post_search (docid, document) SELECT seq, lower(title || ' ' || replace(replace(content, ',', ''), '.', '')) FROM n, posts WHERE seq = i`

	// Comments are spread evenly over the posts.
	fillComment = counted + `
		INSERT INTO comments (id, post_id, author_id, body, created_at)
		SELECT ` + newID + `, (SELECT id FROM posts WHERE seq = i % p.many + 1), (SELECT id FROM users WHERE rowid = i % u.many + 1),
			'I know that lake. In winter one can walk to the island, and the boat lies on the ice.', ` + moment + `
		FROM n, (SELECT MAX(seq) AS many FROM posts) p, (SELECT MAX(rowid) AS many FROM users) u`

	countComments = `UPDATE posts SET comment_count = (SELECT COUNT(*) FROM comments WHERE post_id = posts.id) WHERE seq <= $1`
)

// Fill makes a large site of an empty, migrated SQLite database: so many posts
// and comments, with users, tags, and pictures that have no bytes.
func Fill(ctx context.Context, db *database.DB, posts, comments int) (err error) {
	if db.Dialect() != database.SQLite {
		return errors.New("only SQLite can be filled")
	}
	conn, err := db.SQLPool().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, step := range []struct {
		what, statement string
		args            []any
	}{
		{"making room", `PRAGMA cache_size = -500000`, nil}, // of this connection only: random keys would wait for the disk
		{"beginning", `BEGIN IMMEDIATE`, nil},
		{"users", fillUser, []any{fillUsers}},
		{"posts", fillPost, []any{posts}},
		{"tags", fillTag, []any{posts}},
		{"files", fillFile, []any{posts}},
		{"the search", fillSearch, []any{posts}},
		{"comments", fillComment, []any{comments}},
		{"counting", countComments, []any{posts}},
		{"committing", `COMMIT`, nil},
	} {
		if _, err := conn.ExecContext(ctx, step.statement, step.args...); err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`) // it may be that nothing has begun
			return fmt.Errorf("filling, %s: %w", step.what, err)
		}
	}
	return nil
}
