package databasetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.org/cloakroom/internal/database"
)

// A Size is how many rows Fill inserts.
type Size struct {
	Users    int // the first, user_1, is an admin and the author of every fifth post
	Posts    int
	Comments int // every tenth is on the first post
	Events   int // of the audit log
}

// The statements for SQLite. Each counts i from 1 to $1. IDs are random, like real
// ones, and times are in the notation of the driver.
const (
	counted = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	// With the letters of crypto/rand.Text, because cursors contain IDs.
	newID  = `replace(replace(replace(replace(hex(randomblob(13)), '0', 'G'), '1', 'H'), '8', 'I'), '9', 'J')`
	moment = `strftime('%Y-%m-%d %H:%M:%S', 1767225600 + i * 60, 'unixepoch') || '+00:00'`

	userColumns = `users (id, username, username_key, email, password_hash, role, tier, phone, website, bio, avatar, avatar_type,
			storage_used, created_at, updated_at, no_password, suspended_at) `
	// Few users have another role or tier, or are suspended, so a list of them skips many.
	userKind = `CASE WHEN i = 1 THEN 'admin' WHEN i % 20000 = 10 THEN 'moderator' ELSE 'user' END,
			CASE WHEN i % 20 = 2 THEN 'pro' WHEN i % 20000 = 3 THEN 'premium' ELSE 'free' END, '', '', '', '', '', i * 7919 % 100003 * 1000`
	fillUser = counted + `
		INSERT INTO ` + userColumns + `
		SELECT ` + newID + `, 'User_' || i, 'user_' || i, 'user_' || i || '@example.org', '',
			` + userKind + `, ` + moment + `, ` + moment + `, FALSE, CASE WHEN i % 20000 = 5 THEN ` + moment + ` END FROM n`

	// A few posts are private, unlisted or deleted, so the feed skips them.
	fillPost = counted + `
		INSERT INTO posts (seq, id, author_id, title, excerpt, visibility, tags, comment_count, created_at, updated_at, deleted_at, content)
		SELECT i, ` + newID + `, (SELECT id FROM users WHERE username_key = 'user_' || CASE i % 5 WHEN 0 THEN 1 ELSE i % $2 + 1 END),
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

	// Every second post has an image; for each of the others there is an image on no post.
	fileColumns = `files (id, owner_id, post_id, position, name, name_key, blob, size, sha256, crc32, media_type, kind, state, reason,
			width, height,
			clean, clean_size, clean_sha256, clean_crc32, thumb_small, thumb_large, thumb_type, created_at, updated_at) `
	fillFile = counted + `
		INSERT INTO ` + fileColumns + `
		SELECT ` + newID + `, author_id, CASE i % 2 WHEN 0 THEN id END, 0, 'The lake ' || (i % 9973) || '.jpg',
			'the lake ' || (i % 9973) || '.jpg', ` + newID + `, 3000000 + i % 1000, hex(randomblob(32)), 'cbf43926', 'image/jpeg', 'image',
			'ready', '', 4000, 3000, ` + newID + `, 3000000, hex(randomblob(32)), 'cbf43926', ` + newID + `, ` + newID + `,
			'image/jpeg', created_at, created_at
		FROM n, posts WHERE seq = i`

	fillSearch = counted + `
		INSERT INTO post_search (docid, document)
		SELECT seq, lower(title || ' ' || replace(replace(content, ',', ''), '.', '')) FROM n, posts WHERE seq = i`

	fillComment = counted + `
		INSERT INTO comments (id, post_id, author_id, body, created_at)
		SELECT ` + newID + `, (SELECT id FROM posts WHERE seq = CASE i % 10 WHEN 0 THEN 1 ELSE i % p.many + 1 END),
			(SELECT id FROM users WHERE username_key = 'user_' || (i % $2 + 1)),
			'I know that lake. In winter one can walk to the island, and the boat lies on the ice.', ` + moment + `
		FROM n, (SELECT MAX(seq) AS many FROM posts) p`

	countComments = `UPDATE posts SET comment_count = (SELECT COUNT(*) FROM comments WHERE post_id = posts.id) WHERE seq <= $1`

	// The hashes are no chain: nothing verifies this log.
	eventColumns = `audit_events (seq, at, actor_id, action, object, address, outcome, detail, hash) `
	eventKind    = `CASE i % 2 WHEN 0 THEN 'session.log_in' ELSE 'user.suspend' END`
	eventEnd     = `'192.0.2.0/24', CASE WHEN i % 200000 = 7 THEN 'refused' ELSE 'done' END, 'for a reason', 'no hash'`
	fillEvent    = counted + `
		INSERT INTO ` + eventColumns + `
		SELECT i, ` + moment + `, a.id, ` + eventKind + `,
			'user:' || (SELECT id FROM users WHERE username_key = 'user_' || (i % $2 + 1)), ` + eventEnd + `
		FROM n, users a WHERE a.username_key = 'user_1'`
	headEvent = `UPDATE audit_head SET seq = $1, hash = 'no hash'`
)

// Fill makes an empty, migrated database a large site: users, posts with their tags,
// images without bytes, comments, and an audit log.
func Fill(ctx context.Context, db *database.DB, size Size) (err error) {
	conn, err := db.SQLPool().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	fill := fillSQLite
	if db.Dialect() == database.Postgres {
		fill = fillPostgres
	}
	if err := fill(ctx, conn, size); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`) // perhaps no transaction is open
		return err
	}
	return nil
}

func fillSQLite(ctx context.Context, conn *sql.Conn, size Size) error {
	for _, step := range []struct {
		what, statement string
		args            []any
	}{
		{"making room", `PRAGMA cache_size = -500000`, nil}, // on this connection only: random keys would wait for the disk
		{"beginning", `BEGIN IMMEDIATE`, nil},
		{"users", fillUser, []any{size.Users}},
		{"posts", fillPost, []any{size.Posts, size.Users}},
		{"tags", fillTag, []any{size.Posts}},
		{"files", fillFile, []any{size.Posts}},
		{"the search", fillSearch, []any{size.Posts}},
		{"comments", fillComment, []any{size.Comments, size.Users}},
		{"counting", countComments, []any{size.Posts}},
		{"events", fillEvent, []any{size.Events, size.Users}},
		{"the head", headEvent, []any{size.Events}},
		{"committing", `COMMIT`, nil},
	} {
		if _, err := conn.ExecContext(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("filling, %s: %w", step.what, err)
		}
	}
	return nil
}
