package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// CreateFile inserts f.
func (db *DB) CreateFile(ctx context.Context, f *models.File) error {
	return create(ctx, db, "file", &keyedFile{*f, keyOfFile(*f)})
}

// A keyedFile is a row of files, with the key of its names.
type keyedFile struct {
	models.File

	NameKey string
}

// TableName implements schema.Tabler.
func (keyedFile) TableName() string { return "files" }

// keyOfFile returns the key by which f is found and sorted: that of its name and, if visitors
// get f under another one, of that too. No name has the slash between them.
func keyOfFile(f models.File) string {
	key := nameKey(string(f.Name))
	if served := f.ServedName(); served != f.Name {
		key += "/" + nameKey(string(served))
	}
	return key
}

// setNameKey updates the key of a file that the transaction has locked.
func (db *DB) setNameKey(ctx context.Context, id models.FileID) error {
	var f models.File
	err := db.row(ctx, `SELECT name, clean_type FROM files WHERE id = $1`, []any{id}, &f.Name, &f.CleanType)
	if err == nil {
		_, err = db.exec(ctx, `UPDATE files SET name_key = $1 WHERE id = $2`, keyOfFile(f), id)
	}
	return db.classify(err, "file")
}

// fileColumns are the columns of the file f, in the order of fileFields.
const fileColumns = `f.id, f.owner_id, f.post_id, f.position, f.name, f.blob, f.size, f.sha256, f.crc32, f.media_type, f.kind, f.state,
	f.metadata, f.reason, f.width, f.height, f.clean, f.clean_size, f.clean_sha256, f.clean_crc32, f.clean_type, f.animated,
	f.thumb_small, f.thumb_large, f.thumb_type, f.created_at, f.updated_at, f.hidden_at, f.removed_at`

// fileFields returns where to scan fileColumns.
func fileFields(f *models.File) []any {
	return []any{&f.ID, &f.OwnerID, &f.PostID, &f.Position, &f.Name, &f.Blob, &f.Size, &f.SHA256, &f.CRC32, &f.MediaType,
		&f.Kind, &f.State, &f.Metadata, &f.Reason, &f.Width, &f.Height, &f.Clean, &f.CleanSize, &f.CleanSHA256, &f.CleanCRC32,
		&f.CleanType, &f.Animated, &f.ThumbSmall, &f.ThumbLarge, &f.ThumbType, &f.CreatedAt, &f.UpdatedAt, &f.HiddenAt, &f.RemovedAt}
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

// servedColumns are the columns of the file f that sending its bytes takes, in the order of
// servedFields. Files are asked for more often than anything else, and each column costs.
const servedColumns = `f.id, f.name, f.blob, f.sha256, f.media_type, f.kind, f.state, f.clean, f.clean_sha256, f.clean_type,
	f.thumb_small, f.thumb_large, f.thumb_type`

// servedFields returns where to scan servedColumns.
func servedFields(f *models.File) []any {
	return []any{&f.ID, &f.Name, &f.Blob, &f.SHA256, &f.MediaType, &f.Kind, &f.State, &f.Clean, &f.CleanSHA256, &f.CleanType,
		&f.ThumbSmall, &f.ThumbLarge, &f.ThumbType}
}

// ServedFile is FileFor with no more than sending the bytes takes.
func (db *DB) ServedFile(ctx context.Context, viewer models.UserID, id models.FileID) (f models.File, err error) {
	const find = `
		SELECT ` + servedColumns + ` FROM files f JOIN users u ON u.id = f.owner_id LEFT JOIN posts p ON p.id = f.post_id
		WHERE f.id = $1 AND ` + readableFile
	err = db.row(ctx, find, []any{id, viewer}, servedFields(&f)...)
	return f, db.classify(err, "file")
}

// FileOf returns a file of owner's, even one in quarantine, or NotFound.
func (db *DB) FileOf(ctx context.Context, owner models.UserID, id models.FileID) (models.File, error) {
	f, err := take[models.File](ctx, db, "id = ? AND owner_id = ? AND removed_at IS NULL", id, owner)
	return f, db.classify(err, "file")
}

// FileByID returns the file without asking for rights, or NotFound. It is for jobs.
func (db *DB) FileByID(ctx context.Context, id models.FileID) (models.File, error) {
	f, err := take[models.File](ctx, db, "id = ?", id)
	return f, db.classify(err, "file")
}

// FilesOf returns owner's files that are older than before, newest first.
func (db *DB) FilesOf(ctx context.Context, owner models.UserID, before models.Cursor, limit int) (models.Page[models.File], error) {
	const find = `
		SELECT ` + fileColumns + ` FROM files f
		WHERE f.owner_id = $1 AND (f.created_at, f.id) < ($2, $3) AND f.removed_at IS NULL
		ORDER BY f.created_at DESC, f.id DESC LIMIT $4`
	files, err := list(ctx, db, find, []any{owner, start(before), before.ID, limit + 1}, fileFields)
	return models.PageOf(files, limit, models.File.Cursor), db.classify(err, "file")
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
func (db *DB) DeleteFile(ctx context.Context, owner models.UserID, id models.FileID, now time.Time) (models.File, error) {
	files, err := db.DeleteFiles(ctx, owner, []models.FileID{id}, now)
	if err == nil && len(files) == 0 {
		err = notFound("file")
	}
	if err != nil {
		return models.File{}, err
	}
	return files[0], nil
}

// DeleteFiles is DeleteFile for those of ids that are files of owner's, and returns these. It
// locks them in the order of ids, and the owner's row last.
func (db *DB) DeleteFiles(ctx context.Context, owner models.UserID, ids []models.FileID, now time.Time) (files []models.File, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		freed := int64(0)
		for _, id := range ids {
			f, kept, err := tx.removeFile(ctx, owner, id, now)
			if isNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			if files = append(files, f); !kept {
				freed += f.Size
			}
		}
		if freed == 0 {
			return nil
		}
		return tx.ReleaseStorage(ctx, owner, freed)
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// removeFile removes the row of a file of owner's. One in quarantine is kept, with its bytes,
// for the moderators.
func (db *DB) removeFile(
	ctx context.Context, owner models.UserID, id models.FileID, now time.Time,
) (f models.File, kept bool, err error) {
	if f, err = db.FileOf(ctx, owner, id); err != nil {
		return f, false, err
	}
	const keep = `
		UPDATE files SET removed_at = $1, owner_deleted_at = $1
		WHERE id = $2 AND owner_id = $3 AND hidden_at IS NOT NULL AND removed_at IS NULL`
	n, err := db.exec(ctx, keep, now, id, owner)
	if err != nil || n > 0 {
		f.Blob, f.Clean, f.ThumbSmall, f.ThumbLarge = "", "", "", ""
		return f, true, db.classify(err, "file")
	}
	// With another blob it has another size, too.
	const remove = `DELETE FROM files WHERE id = $1 AND owner_id = $2 AND blob = $3 AND removed_at IS NULL`
	return f, false, db.change(ctx, "file", remove, id, owner, f.Blob)
}
