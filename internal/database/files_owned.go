package database

import (
	"context"

	"example.org/cloakroom/internal/models"
)

// FilesAmong returns the files with these IDs that are owner's, oldest first.
func (db *DB) FilesAmong(ctx context.Context, owner models.UserID, ids []models.FileID) ([]models.File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	files, err := find[models.File](db.gorm.WithContext(db.uncancelled(ctx)).
		Where("owner_id = ? AND id IN ? AND removed_at IS NULL", owner, ids).Order("created_at, id"))
	return files, db.classify(err, "file")
}

// FileViewsOf returns owner's files as FilesOf does, each with the title and visibility
// of its post.
func (db *DB) FileViewsOf(
	ctx context.Context, owner models.UserID, before models.Cursor, limit int,
) (models.Page[models.FileView], error) {
	const find = `
		SELECT ` + fileColumns + `, COALESCE(p.title, ''), COALESCE(p.visibility, '')
		FROM files f LEFT JOIN posts p ON p.id = f.post_id AND p.author_id = f.owner_id AND p.deleted_at IS NULL
		WHERE f.owner_id = $1 AND (f.created_at, f.id) < ($2, $3) AND f.removed_at IS NULL
		ORDER BY f.created_at DESC, f.id DESC LIMIT $4`
	views, err := list(ctx, db, find, []any{owner, start(before), before.ID, limit + 1}, func(v *models.FileView) []any {
		return append(fileFields(&v.File), &v.PostTitle, &v.PostVisibility)
	})
	return models.PageOf(views, limit, func(v models.FileView) models.Cursor { return v.Cursor() }), db.classify(err, "file")
}
