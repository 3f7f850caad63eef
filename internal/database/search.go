package database

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"example.org/cloakroom/internal/models"
)

// IndexPost makes searches find the post by the words of document, which replaces
// the document before.
func (db *DB) IndexPost(ctx context.Context, id models.PostID, document string) error {
	insert := `
		INSERT INTO post_search (docid, document) SELECT seq, $1 FROM posts WHERE id = $2`
	if db.dialect == Postgres {
		insert = `
		INSERT INTO post_search (document, post_id) SELECT array_to_tsvector(string_to_array($1, ' ')), id FROM posts WHERE id = $2`
	}
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.unindexPost(ctx, id); err != nil {
			return err
		}
		return tx.change(ctx, "post", insert, strings.Join(indexedWords(document), " "), id)
	})
}

func (db *DB) unindexPost(ctx context.Context, id models.PostID) error {
	remove := `DELETE FROM post_search WHERE docid = (SELECT seq FROM posts WHERE id = $1)`
	if db.dialect == Postgres {
		remove = `DELETE FROM post_search WHERE post_id = $1`
	}
	_, err := db.exec(ctx, remove, id)
	return db.classify(err, "post")
}

const (
	// searchWindow is how many posts are looked through for each one that a page may show,
	// before the index is asked.
	searchWindow = 5

	// fewMatches is the number of matches from which on a page is found along the posts, and
	// no longer by sorting the matches.
	fewMatches = 2000
)

// SearchPosts returns the posts that the viewer finds in lists, in which each of
// words starts some word, and that are older than before, newest first. Signs
// between letters split words. Without a word it finds nothing.
//
// A word that is in many posts is mostly in the newest ones too, so these are looked through
// first: the index would return all that match, in another order.
func (db *DB) SearchPosts(
	ctx context.Context, viewer models.UserID, words []string, before models.Cursor, limit int,
) (models.Page[models.PostView], error) {
	none := models.Page[models.PostView]{}
	text := strings.Join(words, " ")
	match := db.match(text)
	if match == "" {
		return none, nil
	}
	window, few, many, documents := searchWindowSQLite, searchFewSQLite, searchManySQLite, any(beginnings(text))
	if db.dialect == Postgres {
		window, few, many, documents = searchWindowPG, searchFewPG, searchManyPG, match
	}
	page, err := db.posts(ctx, limit, window, documents, viewer, start(before), startID(before), searchWindow*(limit+1)-1, limit+1)
	if err != nil || !page.Next.IsZero() {
		return page, err
	}
	matches, err := db.countMatches(ctx, match)
	if err != nil {
		return none, db.classify(err, "post")
	}
	if matches >= fewMatches {
		few = many
	}
	return db.posts(ctx, limit, few, match, viewer, start(before), startID(before), limit+1)
}

// countMatches counts the posts that match, up to fewMatches.
func (db *DB) countMatches(ctx context.Context, match string) (n int, err error) {
	count := `SELECT COUNT(*) FROM (SELECT 1 FROM post_search WHERE document MATCH $1 LIMIT $2) AS found`
	if db.dialect == Postgres {
		count = `SELECT COUNT(*) FROM (SELECT 1 FROM post_search WHERE document @@ $1::text::tsquery LIMIT $2) AS found`
	}
	err = db.row(ctx, count, []any{match, fewMatches}, &n)
	return n, err
}

// match returns the dialect's query for documents in which each word of text
// starts some word, or "" if text has no word.
func (db *DB) match(text string) string {
	words := soughtWords(text)
	words = words[:min(len(words), maxWords)]
	switch {
	case len(words) == 0:
		return ""
	case db.dialect == Postgres:
		return "'" + strings.Join(words, "':* & '") + "':*"
	}
	return strings.Join(words, "* ") + "*"
}

// beginnings returns the words of text, each after a space, as JSON. A document that begins
// with a space too contains each of them where match finds it.
func beginnings(text string) string {
	words := soughtWords(text)
	words = slices.Clone(words[:min(len(words), maxWords)])
	for i := range words {
		words[i] = " " + words[i]
	}
	list, _ := json.Marshal(words) // strings always have a notation
	return string(list)
}

const (
	// The page among the posts from the cursor to the one that is $5 further on. It finds
	// nothing if there are fewer.
	inWindow = listedPost + ` AND (p.created_at, p.id) < ($3, $4) AND (p.created_at, p.id) >= (
			SELECT e.created_at, e.id FROM posts e WHERE (e.created_at, e.id) < ($3, $4)
			ORDER BY e.created_at DESC, e.id DESC LIMIT 1 OFFSET $5)` + newestFound + `$6`
	newestFound = ` ORDER BY p.created_at DESC, p.id DESC LIMIT `

	searchWindowSQLite = `
		SELECT ` + postColumns + ` FROM posts p INDEXED BY posts_created
		CROSS JOIN users u ON u.id = p.author_id CROSS JOIN post_search s ON s.docid = p.seq
		WHERE NOT EXISTS (SELECT 1 FROM json_each($1) w WHERE instr(' ' || s.document, w.value) = 0) AND ` + inWindow
	// OFFSET 0 keeps PostgreSQL from asking the index on the documents.
	searchWindowPG = `
		SELECT ` + postColumns + ` FROM posts p
		CROSS JOIN LATERAL (SELECT s.document FROM post_search s WHERE s.post_id = p.id OFFSET 0) AS s
		JOIN users u ON u.id = p.author_id WHERE s.document @@ $1::text::tsquery AND ` + inWindow

	// The page among few matches: they are sorted, and only those that are shown are read whole.
	searchFewSQLite = `
		SELECT ` + postColumns + ` FROM (
			SELECT p.seq FROM post_search s JOIN posts p ON p.seq = s.docid JOIN users u ON u.id = p.author_id
			WHERE s.document MATCH $1 AND ` + foundPosts + `
		) AS found JOIN posts p ON p.seq = found.seq JOIN users u ON u.id = p.author_id ORDER BY p.created_at DESC, p.id DESC`
	searchFewPG = `
		WITH matches AS MATERIALIZED (SELECT post_id FROM post_search WHERE document @@ $1::text::tsquery)
		SELECT ` + postColumns + ` FROM matches s JOIN posts p ON p.id = s.post_id JOIN users u ON u.id = p.author_id WHERE ` + foundPosts

	// The page among many: along the posts, each looked up in the set of the matches.
	searchManySQLite = `
		SELECT ` + postColumns + ` FROM posts p INDEXED BY posts_created CROSS JOIN users u ON u.id = p.author_id
		WHERE p.seq IN (SELECT docid FROM post_search WHERE document MATCH $1) AND ` + foundPosts
	// IS TRUE keeps PostgreSQL from joining, and so from sorting.
	searchManyPG = `
		SELECT ` + postColumns + ` FROM posts p JOIN users u ON u.id = p.author_id
		WHERE (p.id IN (SELECT post_id FROM post_search WHERE document @@ $1::text::tsquery)) IS TRUE AND ` + foundPosts

	foundPosts = listedPost + ` AND (p.created_at, p.id) < ($3, $4)` + newestFound + `$5`
)
