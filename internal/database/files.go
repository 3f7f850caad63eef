package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// CreateFile inserts f.
func (db *DB) CreateFile(ctx context.Context, f *models.File) error {
	return create(ctx, db, "file", f)
}

// fileColumns are the columns of the file f, in the order of fileFields.
const fileColumns = `f.id, f.owner_id, f.post_id, f.position, f.name, f.blob, f.size, f.sha256, f.crc32, f.media_type, f.kind, f.state,
	f.reason, f.width, f.height, f.clean, f.clean_size, f.clean_sha256, f.clean_crc32, f.thumb_small, f.thumb_large, f.thumb_type,
	f.created_at, f.updated_at, f.hidden_at, f.removed_at`

// fileFields returns where to scan fileColumns.
func fileFields(f *models.File) []any {
	return []any{&f.ID, &f.OwnerID, &f.PostID, &f.Position, &f.Name, &f.Blob, &f.Size, &f.SHA256, &f.CRC32, &f.MediaType,
		&f.Kind, &f.State, &f.Reason, &f.Width, &f.Height, &f.Clean, &f.CleanSize, &f.CleanSHA256, &f.CleanCRC32,
		&f.ThumbSmall, &f.ThumbLarge, &f.ThumbType, &f.CreatedAt, &f.UpdatedAt, &f.HiddenAt, &f.RemovedAt}
}

// FileFor returns the file if the viewer may get its bytes, or NotFound. An
// empty viewer is a guest.
func (db *DB) FileFor(ctx context.Context, viewer models.UserID, id models.FileID) (f models.File, err error) {
	const find = `
		SELECT ` + fileColumns + ` FROM files f JOIN users u ON u.id = f.owner_id LEFT JOIN posts p ON p.id = f.post_id
		WHERE f.id = $1 AND ` + readableFile
	err = db.row(ctx, find, []any{id, viewer}, fileFields(&f)...)
	return f, db.classify(err, "file")
}

// FileOf returns a file of owner's, even one in quarantine, or NotFound.
func (db *DB) FileOf(ctx context.Context, owner models.UserID, id models.FileID) (models.File, error) {
	f, err := gorm.G[models.File](db.gorm).Where("id = ? AND owner_id = ? AND removed_at IS NULL", id, owner).Take(ctx)
	return f, db.classify(err, "file")
}

// FileByID returns the file without asking for rights, or NotFound. It is for jobs.
func (db *DB) FileByID(ctx context.Context, id models.FileID) (models.File, error) {
	f, err := gorm.G[models.File](db.gorm).Where("id = ?", id).Take(ctx)
	return f, db.classify(err, "file")
}

// FilesOf returns owner's files that are older than before, newest first.
func (db *DB) FilesOf(ctx context.Context, owner models.UserID, before models.Cursor, limit int) (models.Page[models.File], error) {
	files, err := gorm.G[models.File](db.gorm).
		Where("owner_id = ? AND (created_at, id) < (?, ?) AND removed_at IS NULL", owner, start(before), before.ID).
		Order("created_at DESC, id DESC").Limit(limit + 1).Find(ctx)
	if err != nil {
		return models.Page[models.File]{}, db.classify(err, "file")
	}
	return models.PageOf(files, limit, models.File.Cursor), nil
}

// filesOfPost returns the files of the post in order: the listed ones, and all
// of the viewer's own.
func (db *DB) filesOfPost(ctx context.Context, viewer models.UserID, post models.PostID) ([]models.File, error) {
	const find = `
		SELECT ` + fileColumns + ` FROM files f
		WHERE f.post_id = $1 AND f.removed_at IS NULL AND (f.owner_id = $2 OR ` + listedFile + `) ORDER BY f.position, f.id`
	return list(ctx, db, find, []any{post, viewer}, fileFields)
}

// CountFilesOf returns how many files the post has, in any state.
func (db *DB) CountFilesOf(ctx context.Context, post models.PostID) (int, error) {
	var n int
	err := db.row(ctx, `SELECT COUNT(*) FROM files WHERE post_id = $1 AND removed_at IS NULL`, []any{post}, &n)
	return n, db.classify(err, "file")
}

// AttachFiles puts owner's files on owner's post in the order of ids, or none of
// them. Each must be on no post, or on this one already. Other files of the post
// stay. It locks the post until the transaction ends, so that the caller can
// count its files afterwards.
func (db *DB) AttachFiles(ctx context.Context, owner models.UserID, post models.PostID, ids []models.FileID, now time.Time) error {
	const lock = `UPDATE posts SET updated_at = $1 WHERE id = $2 AND author_id = $3 AND deleted_at IS NULL`
	const attach = `
		UPDATE files SET post_id = $1, position = $2, updated_at = $3
		WHERE id = $4 AND owner_id = $5 AND removed_at IS NULL AND (post_id IS NULL OR post_id = $1)`
	if len(ids) == 0 {
		return nil
	}
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "post", lock, now, post, owner); err != nil {
			return err
		}
		for position, id := range ids {
			n, err := tx.exec(ctx, attach, post, position, now, id, owner)
			if err != nil {
				return tx.classify(err, "file")
			}
			if n == 0 {
				return problem.OnField("files", "One of the files was deleted or belongs to another post.")
			}
		}
		return nil
	})
}

// DeleteFile removes a file of owner's and releases its storage. It returns the
// file, whose bytes the caller must delete, or NotFound.
func (db *DB) DeleteFile(ctx context.Context, owner models.UserID, id models.FileID) (f models.File, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		if f, err = tx.FileOf(ctx, owner, id); err != nil {
			return err
		}
		if err := tx.change(ctx, "file", `DELETE FROM files WHERE id = $1 AND owner_id = $2`, id, owner); err != nil {
			return err
		}
		return tx.ReleaseStorage(ctx, owner, f.Size)
	})
	if err != nil {
		return models.File{}, err
	}
	return f, nil
}
