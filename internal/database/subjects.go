package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
)

// A subject is a post, a comment, a file or a user x, in the columns that
// scanSubject reads. A query puts the subject's text before these columns.
const (
	postSubject = `, x.id, u.id, u.username, u.role, x.title, x.created_at, '', x.visibility, 0, '', '', '',
			x.hidden_at, x.removed_at, x.deleted_at, NULL, u.suspended_at, u.deletion_at
		FROM posts x JOIN users u ON u.id = x.author_id`
	commentSubject = `, x.id, w.id, w.username, w.role, p.title, x.created_at, p.id, p.visibility, 0, '', '', '',
			x.hidden_at, x.removed_at, p.deleted_at, p.hidden_at, u.suspended_at, u.deletion_at
		FROM comments x JOIN users w ON w.id = x.author_id JOIN posts p ON p.id = x.post_id JOIN users u ON u.id = p.author_id`
	fileSubject = `, x.id, u.id, u.username, u.role, x.name, x.created_at, COALESCE(p.id, ''), COALESCE(p.visibility, ''),
			x.size, x.media_type, x.kind, x.state, x.hidden_at, x.removed_at, p.deleted_at, p.hidden_at, u.suspended_at, u.deletion_at
		FROM files x JOIN users u ON u.id = x.owner_id LEFT JOIN posts p ON p.id = x.post_id`
	userSubject = `, x.id, x.id, x.username, x.role, x.username, x.created_at, '', '', 0, '', '', '',
			x.suspended_at, NULL, NULL, NULL, NULL, x.deletion_at
		FROM users x`
)

// scanSubject reads a subject of this kind with scan.
func scanSubject(kind models.SubjectKind, scan func(dest ...any) error) (models.SubjectView, error) {
	v := models.SubjectView{Subject: models.Subject{Kind: kind}}
	var postHidden, suspended, leaving *time.Time
	err := scan(&v.Words, &v.ID, &v.OwnerID, &v.Owner, &v.OwnerRole, &v.Title, &v.CreatedAt, &v.PostID, &v.Visibility,
		&v.Size, &v.MediaType, &v.FileKind, &v.State, &v.HiddenAt, &v.RemovedAt, &v.DeletedAt, &postHidden, &suspended, &leaving)
	v.PostHidden, v.OwnerHidden = postHidden != nil, suspended != nil || leaving != nil
	return v, err
}

// SubjectByID returns the subject with its whole text, without asking for rights,
// or NotFound.
func (db *DB) SubjectByID(ctx context.Context, what models.Subject) (models.SubjectView, error) {
	query := `SELECT x.content` + postSubject + ` WHERE x.id = $1`
	switch what.Kind {
	case models.SubjectComment:
		query = `SELECT x.body` + commentSubject + ` WHERE x.id = $1`
	case models.SubjectFile:
		query = `SELECT ''` + fileSubject + ` WHERE x.id = $1`
	case models.SubjectUser:
		query = `SELECT x.bio` + userSubject + ` WHERE x.id = $1`
	case models.SubjectPost:
	}
	v, err := scanSubject(what.Kind, func(dest ...any) error { return db.row(ctx, query, []any{what.ID}, dest...) })
	return v, db.classify(err, string(what.Kind))
}

// subjects runs a query for up to limit subjects of this kind.
func (db *DB) subjects(ctx context.Context, kind models.SubjectKind, limit int, query string, args ...any) ([]models.SubjectView, error) {
	items := make([]models.SubjectView, 0, limit)
	err := db.rows(ctx, query, args, func(rows *sql.Rows) error {
		v, err := scanSubject(kind, rows.Scan)
		items = append(items, v)
		return err
	})
	return items, db.classify(err, string(kind))
}
