package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// openShareJoins joins what openShare speaks of.
const openShareJoins = ` s JOIN users u ON u.id = s.owner_id LEFT JOIN posts p ON p.id = s.post_id
	LEFT JOIN files f ON f.id = s.file_id LEFT JOIN posts fp ON fp.id = f.post_id`

// ShareByHash returns an open share, its owner, and whether the viewer is invited. It
// returns NotFound for every share that does not open, whatever the reason. An empty
// viewer is a guest.
func (db *DB) ShareByHash(
	ctx context.Context, viewer models.UserID, hash models.SecretHash, now time.Time,
) (s models.Share, owner models.User, invited bool, err error) {
	// SQLite numbers parameters in the order in which the query names them.
	const find = `WITH found AS (SELECT * FROM shares WHERE hash = $1)
		SELECT ` + shareColumns + `, u.id, u.username, u.avatar, u.avatar_type, ` + invitedToShare + ` FROM found` + openShareJoins + `
		WHERE ` + openShare
	fields := append(shareFields(&s), &owner.ID, &owner.Username, &owner.Avatar, &owner.AvatarType, &invited)
	err = db.row(ctx, find, []any{hash, viewer, now}, fields...)
	return s, owner, invited, db.classify(err, "share")
}

// ShareOpens returns NotFound unless the share is open at now, still has that password
// version, and the viewer is invited. Transfers ask it while they run.
func (db *DB) ShareOpens(ctx context.Context, viewer models.UserID, id models.ShareID, version int, now time.Time) error {
	const find = `SELECT 1 FROM shares` + openShareJoins + `
		WHERE s.id = $1 AND ` + invitedToShare + ` AND ` + openShare + ` AND s.password_version = $4`
	var one int
	return db.classify(db.row(ctx, find, []any{id, viewer, now, version}, &one), "share")
}

// SharedFile returns a listed file that the share opens for the viewer at now, or
// NotFound.
func (db *DB) SharedFile(
	ctx context.Context, viewer models.UserID, share models.Share, id models.FileID, now time.Time,
) (one models.File, err error) {
	const find = `
		SELECT ` + fileColumns + ` FROM files f WHERE f.id = $1 AND f.removed_at IS NULL AND ` + listedFile + `
			AND (f.id = $2 OR f.post_id = $3)`
	// Two queries, so that the rule of an open share stands once.
	if err := db.ShareOpens(ctx, viewer, share.ID, share.PasswordVersion, now); err != nil {
		return one, err
	}
	err = db.row(ctx, find, []any{id, share.FileID, share.PostID}, fileFields(&one)...)
	return one, db.classify(err, "file")
}

// FilesOfShare returns the listed files that the share opens, in order.
func (db *DB) FilesOfShare(ctx context.Context, s models.Share) ([]models.File, error) {
	const find = `SELECT ` + fileColumns + ` FROM files f WHERE f.id = $1 AND f.removed_at IS NULL AND ` + listedFile
	if s.PostID != nil {
		files, err := db.filesOfPost(ctx, "", *s.PostID)
		return files, db.classify(err, "file")
	}
	files, err := list(ctx, db, find, []any{s.FileID}, fileFields)
	return files, db.classify(err, "file")
}

// FilesHeldBack returns those files that a share would open, but for the metadata that cannot
// be removed from them, in order.
func (db *DB) FilesHeldBack(ctx context.Context, s models.Share) ([]models.File, error) {
	const (
		held   = ` AND f.owner_id = $2 AND f.metadata = 'kept' AND f.hidden_at IS NULL AND f.removed_at IS NULL`
		single = `SELECT ` + fileColumns + ` FROM files f WHERE f.id = $1` + held
		all    = `SELECT ` + fileColumns + ` FROM files f WHERE f.post_id = $1` + held + ` ORDER BY f.position, f.id`
	)
	find, of := single, any(s.FileID)
	if s.PostID != nil {
		find, of = all, s.PostID
	}
	files, err := list(ctx, db, find, []any{of, s.OwnerID}, fileFields)
	return files, db.classify(err, "file")
}

// PostOfShare returns the post that a share opens, without its files. The caller has
// found the share open.
func (db *DB) PostOfShare(ctx context.Context, s models.Share) (v models.PostView, err error) {
	const find = `
		SELECT ` + postColumns + `, ` + postText + ` FROM posts p JOIN users u ON u.id = p.author_id
		WHERE p.id = $1 AND p.author_id = $2`
	err = db.row(ctx, find, []any{s.PostID, s.OwnerID}, append(postFields(&v), &v.Content, &v.HTML, &v.HTMLVersion)...)
	return v, db.classify(err, "post")
}

// CreateSharedComment inserts a comment on the post of a share that is open for its
// author, or returns NotFound.
func (db *DB) CreateSharedComment(ctx context.Context, s models.Share, c *models.Comment) error {
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.ShareOpens(ctx, c.AuthorID, s.ID, s.PasswordVersion, c.CreatedAt); err != nil {
			return err
		}
		if err := tx.change(ctx, "post", `UPDATE posts SET comment_count = comment_count + 1 WHERE id = $1`, c.PostID); err != nil {
			return err
		}
		return create(ctx, tx, "comment", c)
	})
}
