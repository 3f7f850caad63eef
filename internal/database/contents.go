package database

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// The lists of the panel. Each query walks one index from the place of a cursor
// on; what else is wanted is asked of the rows it meets. Of the users, those
// count whose suspension hides the thing.
const (
	postContents = `
		SELECT p.id, u.id, u.username, u.role, p.title, p.excerpt, p.created_at, '', p.visibility, 0, '', '',
			p.hidden_at, p.removed_at, p.deleted_at, NULL, u.suspended_at, u.deletion_at
		FROM posts p JOIN users u ON u.id = p.author_id`
	postsWanted = postContents + `
		WHERE (p.created_at, p.id) < ($1, $2) AND ($3 = '' OR p.author_id = $3)
			AND ($4 = '' OR $4 = 'hidden' AND p.hidden_at IS NOT NULL AND p.removed_at IS NULL OR $4 = 'removed' AND p.removed_at IS NOT NULL OR p.visibility = $4)`
	postsInOrder      = ` ORDER BY p.created_at DESC, p.id DESC LIMIT $5`
	postsAll          = postsWanted + postsInOrder
	postsOfOwner      = postsWanted + ` AND p.author_id = $3` + postsInOrder
	postsHidden       = postsWanted + ` AND p.hidden_at IS NOT NULL` + postsInOrder
	postsByVisibility = postsWanted + ` AND p.visibility <> 'public' AND p.visibility = $4` + postsInOrder

	commentContents = `
		SELECT c.id, u.id, u.username, u.role, p.title, c.body, c.created_at, p.id, p.visibility, 0, '', '',
			c.hidden_at, c.removed_at, p.deleted_at, p.hidden_at, a.suspended_at, a.deletion_at
		FROM comments c JOIN users u ON u.id = c.author_id JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id`
	commentsWanted = commentContents + `
		WHERE (c.created_at, c.id) < ($1, $2) AND ($3 = '' OR c.author_id = $3)
			AND ($4 = '' OR $4 = 'hidden' AND c.hidden_at IS NOT NULL AND c.removed_at IS NULL OR $4 = 'removed' AND c.removed_at IS NOT NULL)`
	commentsInOrder = ` ORDER BY c.created_at DESC, c.id DESC LIMIT $5`
	commentsAll     = commentsWanted + commentsInOrder
	commentsOfOwner = commentsWanted + ` AND c.author_id = $3` + commentsInOrder
	commentsHidden  = commentsWanted + ` AND c.hidden_at IS NOT NULL` + commentsInOrder

	fileContents = `
		SELECT f.id, u.id, u.username, u.role, f.name, '', f.created_at, COALESCE(p.id, ''), COALESCE(p.visibility, ''), f.size, f.media_type, f.state,
			f.hidden_at, f.removed_at, p.deleted_at, p.hidden_at, u.suspended_at, u.deletion_at
		FROM files f JOIN users u ON u.id = f.owner_id LEFT JOIN posts p ON p.id = f.post_id`
	filesWanted = fileContents + `
		WHERE (f.created_at, f.id) < ($1, $2) AND ($3 = '' OR f.owner_id = $3)
			AND ($4 = '' OR $4 = 'quarantine' AND f.hidden_at IS NOT NULL AND f.removed_at IS NULL OR $4 = 'removed' AND f.removed_at IS NOT NULL OR f.state = $4)`
	filesInOrder = ` ORDER BY f.created_at DESC, f.id DESC LIMIT $5`
	filesAll     = filesWanted + filesInOrder
	filesOfOwner = filesWanted + ` AND f.owner_id = $3` + filesInOrder
	filesHidden  = filesWanted + ` AND f.hidden_at IS NOT NULL` + filesInOrder
	filesByState = filesWanted + ` AND f.state <> 'ready' AND f.state = $4` + filesInOrder
	filesOfAPost = fileContents + ` WHERE f.post_id = $1 ORDER BY f.position, f.id LIMIT $2`
)

// Contents returns the posts, comments or files that f wants, whoever asks,
// newest first. Of a post the words are its excerpt.
func (db *DB) Contents(ctx context.Context, f models.ContentFilter, limit int) (models.Page[models.SubjectView], error) {
	query := postsAll
	hidden := f.State == models.ContentHidden || f.State == models.ContentQuarantine || f.State == models.ContentRemoved
	switch f.Kind {
	case models.SubjectPost:
		switch {
		case f.Text != "":
			return db.searchContents(ctx, f, limit)
		case hidden:
			query = postsHidden
		case f.Owner != "":
			query = postsOfOwner
		case f.State == models.ContentUnlisted || f.State == models.ContentPrivate:
			query = postsByVisibility
		}
	case models.SubjectComment:
		query = commentsAll
		if hidden {
			query = commentsHidden
		} else if f.Owner != "" {
			query = commentsOfOwner
		}
	case models.SubjectFile:
		query = filesAll
		switch {
		case hidden:
			query = filesHidden
		case f.State != "":
			query = filesByState
		case f.Owner != "":
			query = filesOfOwner
		}
	default:
		return models.Page[models.SubjectView]{}, notFound(string(f.Kind))
	}
	items, err := db.contents(ctx, f.Kind, limit+1, query, start(f.Before), startID(f.Before), f.Owner, f.State, limit+1)
	return models.PageOf(items, limit, models.SubjectView.Cursor), err
}

// Those that are sealed are not found by their words.
const (
	contentSearch = postContents + ` WHERE p.visibility <> 'private' AND (p.deleted_at IS NULL OR p.removed_at IS NOT NULL)
			AND (p.created_at, p.id) < ($1, $2) AND ($3 = '' OR p.author_id = $3)
			AND ($4 = '' OR $4 = 'hidden' AND p.hidden_at IS NOT NULL AND p.removed_at IS NULL OR $4 = 'removed' AND p.removed_at IS NOT NULL OR p.visibility = $4)`
	contentSearchSQLite   = contentSearch + ` AND p.seq IN (SELECT docid FROM post_search WHERE document MATCH $5)` + foundInOrder
	contentSearchPostgres = contentSearch + ` AND p.id IN (SELECT post_id FROM post_search WHERE document @@ $5::text::tsquery)` + foundInOrder
	foundInOrder          = ` ORDER BY p.created_at DESC, p.id DESC LIMIT $6`
)

// searchContents is Contents for posts with the words of f.Text.
func (db *DB) searchContents(ctx context.Context, f models.ContentFilter, limit int) (models.Page[models.SubjectView], error) {
	sought := wordsOf(f.Text)
	if len(sought) == 0 {
		return models.Page[models.SubjectView]{}, nil
	}
	sought = sought[:min(len(sought), maxWords)]
	query, match := contentSearchSQLite, strings.Join(sought, "* ")+"*"
	if db.dialect == Postgres {
		query, match = contentSearchPostgres, "'"+strings.Join(sought, "':* & '")+"':*"
	}
	items, err := db.contents(ctx, f.Kind, limit+1, query, start(f.Before), startID(f.Before), f.Owner, f.State, match, limit+1)
	return models.PageOf(items, limit, models.SubjectView.Cursor), err
}

// ContentsOf returns up to limit files of the post in their order, whoever asks.
func (db *DB) ContentsOf(ctx context.Context, post models.PostID, limit int) ([]models.SubjectView, error) {
	return db.contents(ctx, models.SubjectFile, limit, filesOfAPost, post, limit)
}

func (db *DB) contents(ctx context.Context, kind models.SubjectKind, limit int, query string, args ...any) ([]models.SubjectView, error) {
	items := make([]models.SubjectView, 0, limit)
	err := db.rows(ctx, query, args, func(rows *sql.Rows) error {
		v := models.SubjectView{Subject: models.Subject{Kind: kind}}
		var postHidden, suspended, leaving *time.Time
		err := rows.Scan(&v.ID, &v.OwnerID, &v.Owner, &v.OwnerRole, &v.Title, &v.Words, &v.CreatedAt, &v.PostID, &v.Visibility,
			&v.Size, &v.MediaType, &v.State, &v.HiddenAt, &v.RemovedAt, &v.DeletedAt, &postHidden, &suspended, &leaving)
		v.PostHidden, v.OwnerHidden = postHidden != nil, suspended != nil || leaving != nil
		items = append(items, v)
		return err
	})
	return items, db.classify(err, string(kind))
}
