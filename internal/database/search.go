package database

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.org/cloakroom/internal/models"
)

// Each dialect would split text into words in its own way, so we do it ourselves.
// The dialects get lower-case letters and digits between spaces, and so nothing
// of their query syntax.

const (
	maxWord  = 64 // bytes of a word that count; PostgreSQL takes up to 2046
	maxWords = 10 // words of a search that count
)

// wordsOf returns the words of text, as the index holds them and searches ask for them.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(text)), func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	for i, word := range words {
		if len(word) > maxWord {
			words[i] = strings.ToValidUTF8(word[:maxWord], "")
		}
	}
	return words
}

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
		return tx.change(ctx, "post", insert, strings.Join(wordsOf(document), " "), id)
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

// SearchPosts returns the posts that the viewer finds in lists, in which each of
// words starts some word, and that are older than before, newest first. Signs
// between letters split words. Without a word it finds nothing.
func (db *DB) SearchPosts(
	ctx context.Context, viewer models.UserID, words []string, before models.Cursor, limit int,
) (models.Page[models.PostView], error) {
	match := db.match(strings.Join(words, " "))
	if match == "" {
		return models.Page[models.PostView]{}, nil
	}
	find := searchSQLite
	if db.dialect == Postgres {
		find = searchPostgres
	}
	return db.posts(ctx, limit, find, match, viewer, start(before), startID(before), limit+1)
}

// match returns the dialect's query for documents in which each word of text
// starts some word, or "" if text has no word.
func (db *DB) match(text string) string {
	words := wordsOf(text)
	words = words[:min(len(words), maxWords)]
	switch {
	case len(words) == 0:
		return ""
	case db.dialect == Postgres:
		return "'" + strings.Join(words, "':* & '") + "':*"
	}
	return strings.Join(words, "* ") + "*"
}

// A common word is in most posts, so only those that are shown are read whole.
const (
	searchSQLite = `
		SELECT ` + postColumns + ` FROM (
			SELECT p.seq FROM post_search s JOIN posts p ON p.seq = s.docid JOIN users u ON u.id = p.author_id
			WHERE s.document MATCH $1 AND ` + foundPosts + `
		) AS found JOIN posts p ON p.seq = found.seq JOIN users u ON u.id = p.author_id ORDER BY p.created_at DESC, p.id DESC`
	searchPostgres = `
		SELECT ` + postColumns + ` FROM (
			SELECT p.id FROM post_search s JOIN posts p ON p.id = s.post_id JOIN users u ON u.id = p.author_id
			WHERE s.document @@ $1::text::tsquery AND ` + foundPosts + `
		) AS found JOIN posts p ON p.id = found.id JOIN users u ON u.id = p.author_id ORDER BY p.created_at DESC, p.id DESC`
	foundPosts = listedPost + ` AND (p.created_at, p.id) < ($3, $4) ORDER BY p.created_at DESC, p.id DESC LIMIT $5`
)
