package database

import (
	"context"
	"slices"

	"example.org/cloakroom/internal/models"
)

// The panel's lists of posts, comments and files. Each query walks one index from
// a cursor on: the condition that picks the index stands in the query, and the
// others are checked on the rows that it meets.
const (
	olderContents = ` WHERE (x.created_at, x.id) < ($1, $2)`
	contentState  = `$4 = '' OR $4 IN ('hidden', 'quarantine') AND x.hidden_at IS NOT NULL AND x.removed_at IS NULL
		OR $4 = 'removed' AND x.removed_at IS NOT NULL`
	hiddenContents = ` AND x.hidden_at IS NOT NULL`
	newestContents = ` ORDER BY x.created_at DESC, x.id DESC LIMIT `

	selectedPosts = `SELECT x.excerpt` + postSubject + olderContents + `
		AND ($3 = '' OR x.author_id = $3) AND (` + contentState + ` OR x.visibility = $4)`
	selectedComments = `SELECT x.body` + commentSubject + olderContents + `
		AND ($3 = '' OR x.author_id = $3) AND (` + contentState + `)`
	selectedFiles = `SELECT ''` + fileSubject + olderContents + `
		AND ($3 = '' OR x.owner_id = $3) AND (` + contentState + ` OR x.state = $4)`
	// Search finds no text that only break-glass may show.
	searchedPosts = selectedPosts + ` AND x.visibility <> 'private' AND (x.deleted_at IS NULL OR x.removed_at IS NOT NULL)`

	searchedSQLite = searchedPosts + ` AND x.seq IN (SELECT docid FROM post_search WHERE document MATCH $5)` + newestContents + `$6`
	searchedPG     = searchedPosts + ` AND x.id IN (SELECT post_id FROM post_search WHERE document @@ $5::text::tsquery)` +
		newestContents + `$6`

	// The page among the posts from the cursor to the one that is $6 further on. It finds
	// nothing if there are fewer.
	inContentWindow = ` AND (x.created_at, x.id) >= (SELECT e.created_at, e.id FROM posts e WHERE (e.created_at, e.id) < ($1, $2)
		ORDER BY e.created_at DESC, e.id DESC LIMIT 1 OFFSET $6)` + newestContents + `$7`
	windowSQLite = searchedPosts + ` AND (SELECT NOT EXISTS (SELECT 1 FROM json_each($5) w WHERE instr(' ' || s.document, w.value) = 0)
		FROM post_search s WHERE s.docid = x.seq)` + inContentWindow
	// OFFSET 0 keeps PostgreSQL from asking the index on the documents.
	windowPG = searchedPosts + ` AND (SELECT s.document @@ $5::text::tsquery
		FROM post_search s WHERE s.post_id = x.id OFFSET 0)` + inContentWindow
)

// Contents returns the posts, comments or files that f selects, without asking
// for rights, newest first. The text of a post is its excerpt.
func (db *DB) Contents(ctx context.Context, f models.ContentFilter, limit int) (page models.Page[models.SubjectView], err error) {
	args := []any{start(f.Before), startID(f.Before), f.Owner, f.State}
	hidden := f.State == models.ContentHidden || f.State == models.ContentQuarantine || f.State == models.ContentRemoved
	var items []models.SubjectView
	switch f.Kind {
	case models.SubjectPost:
		if f.Text != "" {
			items, err = db.searchContents(ctx, f, limit+1, args)
		} else {
			items, err = db.postContents(ctx, f, hidden, limit+1, args)
		}
	case models.SubjectComment:
		items, err = db.commentContents(ctx, f, hidden, limit+1, args)
	case models.SubjectFile:
		items, err = db.fileContents(ctx, f, hidden, limit+1, args)
	default:
		err = notFound("content")
	}
	return models.PageOf(items, limit, models.SubjectView.Cursor), err
}

func (db *DB) postContents(ctx context.Context, f models.ContentFilter, hidden bool, limit int, args []any) ([]models.SubjectView, error) {
	query := selectedPosts + newestContents + `$5`
	switch {
	case hidden:
		query = selectedPosts + hiddenContents + newestContents + `$5`
	case f.Owner != "":
		query = selectedPosts + ` AND x.author_id = $3` + newestContents + `$5`
	case f.State == models.ContentUnlisted || f.State == models.ContentPrivate:
		query = selectedPosts + ` AND x.visibility <> 'public' AND x.visibility = $4` + newestContents + `$5`
	}
	return db.subjects(ctx, f.Kind, limit, query, append(args, limit)...)
}

// searchContents is postContents for posts that contain the words of f.Text. As in
// SearchPosts, the newest are looked through first, because the index would return all
// that match.
func (db *DB) searchContents(ctx context.Context, f models.ContentFilter, limit int, args []any) ([]models.SubjectView, error) {
	match := db.match(f.Text)
	if match == "" {
		return nil, nil
	}
	window, query, documents := windowSQLite, searchedSQLite, any(beginnings(f.Text))
	if db.dialect == Postgres {
		window, query, documents = windowPG, searchedPG, match
	}
	newest, err := db.subjects(ctx, f.Kind, limit, window, append(slices.Clone(args), documents, searchWindow*limit-1, limit)...)
	if err != nil || len(newest) == limit {
		return newest, err
	}
	return db.subjects(ctx, f.Kind, limit, query, append(args, match, limit)...)
}

func (db *DB) commentContents(
	ctx context.Context, f models.ContentFilter, hidden bool, limit int, args []any,
) ([]models.SubjectView, error) {
	query := selectedComments + newestContents + `$5`
	if hidden {
		query = selectedComments + hiddenContents + newestContents + `$5`
	} else if f.Owner != "" {
		query = selectedComments + ` AND x.author_id = $3` + newestContents + `$5`
	}
	return db.subjects(ctx, f.Kind, limit, query, append(args, limit)...)
}

func (db *DB) fileContents(ctx context.Context, f models.ContentFilter, hidden bool, limit int, args []any) ([]models.SubjectView, error) {
	query := selectedFiles + newestContents + `$5`
	switch {
	case hidden:
		query = selectedFiles + hiddenContents + newestContents + `$5`
	case f.State != "":
		query = selectedFiles + ` AND x.state <> 'ready' AND x.state = $4` + newestContents + `$5`
	case f.Owner != "":
		query = selectedFiles + ` AND x.owner_id = $3` + newestContents + `$5`
	}
	return db.subjects(ctx, f.Kind, limit, query, append(args, limit)...)
}

// ContentsOf returns up to limit files of the post in their order, without asking
// for rights.
func (db *DB) ContentsOf(ctx context.Context, post models.PostID, limit int) ([]models.SubjectView, error) {
	const find = `SELECT ''` + fileSubject + ` WHERE x.post_id = $1 ORDER BY x.position, x.id LIMIT $2`
	return db.subjects(ctx, models.SubjectFile, limit, find, post, limit)
}
