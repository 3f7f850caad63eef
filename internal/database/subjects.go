package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// Of each kind one row with the same columns.
const (
	findPostSubject = `
		SELECT u.id, u.username, u.role, p.title, p.content, p.created_at, '', p.visibility, 0, '', '',
			p.hidden_at, p.removed_at, p.deleted_at, p.hidden_at, COALESCE(u.suspended_at, u.deletion_at)
		FROM posts p JOIN users u ON u.id = p.author_id WHERE p.id = $1`
	findCommentSubject = `
		SELECT u.id, u.username, u.role, p.title, c.body, c.created_at, p.id, p.visibility, 0, '', '',
			c.hidden_at, c.removed_at, p.deleted_at, p.hidden_at, COALESCE(a.suspended_at, a.deletion_at)
		FROM comments c JOIN users u ON u.id = c.author_id JOIN posts p ON p.id = c.post_id JOIN users a ON a.id = p.author_id WHERE c.id = $1`
	findFileSubject = `
		SELECT u.id, u.username, u.role, f.name, '', f.created_at, COALESCE(p.id, ''), COALESCE(p.visibility, ''), f.size, f.media_type, f.state,
			f.hidden_at, f.removed_at, p.deleted_at, p.hidden_at, COALESCE(u.suspended_at, u.deletion_at)
		FROM files f JOIN users u ON u.id = f.owner_id LEFT JOIN posts p ON p.id = f.post_id WHERE f.id = $1`
	findUserSubject = `
		SELECT u.id, u.username, u.role, u.username, u.bio, u.created_at, '', '', 0, '', '',
			u.suspended_at, NULL, NULL, NULL, u.deletion_at
		FROM users u WHERE u.id = $1`
)

// SubjectByID returns what there is to know of what, whoever asks, or NotFound.
func (db *DB) SubjectByID(ctx context.Context, what models.Subject) (models.SubjectView, error) {
	query := findPostSubject
	switch what.Kind {
	case models.SubjectComment:
		query = findCommentSubject
	case models.SubjectFile:
		query = findFileSubject
	case models.SubjectUser:
		query = findUserSubject
	case models.SubjectPost:
	}
	v := models.SubjectView{Subject: what}
	var postHidden, ownerHidden any // on SQLite a computed time has no type
	err := db.row(ctx, query, []any{what.ID}, &v.OwnerID, &v.Owner, &v.OwnerRole, &v.Title, &v.Words, &v.CreatedAt, &v.PostID, &v.Visibility,
		&v.Size, &v.MediaType, &v.State, &v.HiddenAt, &v.RemovedAt, &v.DeletedAt, &postHidden, &ownerHidden)
	v.PostHidden, v.OwnerHidden = postHidden != nil && what.Kind != models.SubjectPost, ownerHidden != nil
	return v, db.classify(err, string(what.Kind))
}
