package database

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.org/cloakroom/internal/models"
)

// The dialects would cut text into words each in its own way. So we cut it:
// what they get is words of lower-case letters and digits between spaces, and
// none of their syntax can be among them.

const (
	maxWord  = 64 // bytes of a word that count; PostgreSQL takes no more than 2046
	maxWords = 10 // words of a search that count
)

// wordsOf returns the words of text, as they are kept and sought.
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

// IndexPost lets the post be found by the words of document, and no more by
// those of the document before.
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

// SearchPosts returns the posts, public or by who, in which every word occurs
// at the start of one, newest first, that are older than before. Signs between
// letters part words; without any word nothing is found.
func (db *DB) SearchPosts(ctx context.Context, who models.UserID, words []string, before models.Cursor, limit int) (models.Page[models.PostView], error) {
	sought := wordsOf(strings.Join(words, " "))
	if len(sought) == 0 {
		return models.Page[models.PostView]{}, nil
	}
	sought = sought[:min(len(sought), maxWords)]
	find, match := searchSQLite, strings.Join(sought, "* ")+"*"
	if db.dialect == Postgres {
		find, match = searchPostgres, "'"+strings.Join(sought, "':* & '")+"':*"
	}
	return db.posts(ctx, limit, find, match, who, start(before), startID(before), limit+1)
}

// A common word is in most posts: only those that are shown are read whole.
const searchSQLite = `
	SELECT p.id, p.author_id, p.title, p.excerpt, p.visibility, p.comment_count, p.created_at, p.updated_at,
		u.username, u.avatar, u.avatar_type, p.tags
	FROM (
		SELECT p.seq FROM post_search s JOIN posts p ON p.seq = s.docid JOIN users u ON u.id = p.author_id
		WHERE s.document MATCH $1 AND p.deleted_at IS NULL AND (p.visibility = 'public' AND p.hidden_at IS NULL OR p.author_id = $2)
			AND (p.created_at, p.id) < ($3, $4) AND u.suspended_at IS NULL AND u.deletion_at IS NULL
		ORDER BY p.created_at DESC, p.id DESC LIMIT $5
	) AS found JOIN posts p ON p.seq = found.seq JOIN users u ON u.id = p.author_id
	ORDER BY p.created_at DESC, p.id DESC`

const searchPostgres = `
	SELECT p.id, p.author_id, p.title, p.excerpt, p.visibility, p.comment_count, p.created_at, p.updated_at,
		u.username, u.avatar, u.avatar_type, p.tags
	FROM (
		SELECT p.id FROM post_search s JOIN posts p ON p.id = s.post_id JOIN users u ON u.id = p.author_id
		WHERE s.document @@ $1::text::tsquery AND p.deleted_at IS NULL AND (p.visibility = 'public' AND p.hidden_at IS NULL OR p.author_id = $2)
			AND (p.created_at, p.id) < ($3, $4) AND u.suspended_at IS NULL AND u.deletion_at IS NULL
		ORDER BY p.created_at DESC, p.id DESC LIMIT $5
	) AS found JOIN posts p ON p.id = found.id JOIN users u ON u.id = p.author_id
	ORDER BY p.created_at DESC, p.id DESC`
