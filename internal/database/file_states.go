package database

import (
	"context"
	"database/sql"
	"time"

	"example.org/cloakroom/internal/models"
)

// A FileResult is the outcome of processing an image or a video.
type FileResult struct {
	Metadata               models.Metadata
	Width, Height          int
	Clean                  models.BlobKey
	CleanSize              int64
	CleanSHA256            string
	CleanCRC32             string
	CleanType              string
	Animated               bool
	ThumbSmall, ThumbLarge models.BlobKey
	ThumbType              string
}

// FileReady stores the result of processing the blob of a file and reports true, or reports
// false if the file is no longer processing, or has another blob now.
func (db *DB) FileReady(ctx context.Context, id models.FileID, blob models.BlobKey, result FileResult, now time.Time) (bool, error) {
	const ready = `
		UPDATE files SET state = 'ready', width = $1, height = $2, clean = $3, clean_size = $4, clean_sha256 = $5,
			clean_crc32 = $6, thumb_small = $7, thumb_large = $8, thumb_type = $9, updated_at = $10, metadata = $11,
			clean_type = $12, animated = $13
		WHERE id = $14 AND blob = $15 AND state = 'processing'`
	args := []any{result.Width, result.Height, result.Clean, result.CleanSize, result.CleanSHA256, result.CleanCRC32, result.ThumbSmall,
		result.ThumbLarge, result.ThumbType, now, result.Metadata, result.CleanType, result.Animated, id, blob}
	if result.CleanType == "" { // the file keeps its name
		n, err := db.exec(ctx, ready, args...)
		return n == 1, db.classify(err, "file")
	}
	err := db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "file", ready, args...); err != nil {
			return err
		}
		return tx.setNameKey(ctx, id)
	})
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// AllowMetadata lets others get a file of owner's whose metadata cannot be removed, or
// returns NotFound.
func (db *DB) AllowMetadata(ctx context.Context, owner models.UserID, id models.FileID, now time.Time) error {
	const allow = `
		UPDATE files SET metadata = 'allowed', updated_at = $1
		WHERE id = $2 AND owner_id = $3 AND removed_at IS NULL AND metadata <> ''`
	return db.change(ctx, "file", allow, now, id, owner)
}

// RenameFile gives a file of owner's that is not in quarantine another name, or returns
// NotFound.
func (db *DB) RenameFile(ctx context.Context, owner models.UserID, id models.FileID, name models.Filename, now time.Time) error {
	const rename = `
		UPDATE files SET name = $1, updated_at = $2
		WHERE id = $3 AND owner_id = $4 AND hidden_at IS NULL AND removed_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "file", rename, name, now, id, owner); err != nil {
			return err
		}
		return tx.setNameKey(ctx, id)
	})
}

// HoldFile returns what is stored of owner's file with this blob, and keeps it from changing
// until the transaction ends. It returns NotFound if the file has another blob, is in
// quarantine, or if a moderator has yet to decide a report about it or its post.
func (db *DB) HoldFile(ctx context.Context, owner models.UserID, id models.FileID, blob models.BlobKey) (f models.File, err error) {
	const hold = `
		UPDATE files SET blob = blob
		WHERE id = $1 AND owner_id = $2 AND blob = $3 AND hidden_at IS NULL AND removed_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.object IN ('file:' || files.id, 'post:' || files.post_id) AND r.decided_at IS NULL)
		RETURNING size, blob, clean, thumb_small, thumb_large`
	err = db.write(ctx, func(db *DB) error {
		return db.row(ctx, hold, []any{id, owner, blob}, &f.Size, &f.Blob, &f.Clean, &f.ThumbSmall, &f.ThumbLarge)
	})
	return f, db.classify(err, "file")
}

// ReplaceFile gives the file with the ID and owner of f the content of f, if it has the blob
// old and is not in quarantine; otherwise it returns NotFound. Its name, its post and the time
// at which it was made stay.
func (db *DB) ReplaceFile(ctx context.Context, f models.File, old models.BlobKey) error {
	const replace = `
		UPDATE files SET blob = $1, size = $2, sha256 = $3, crc32 = $4, media_type = $5, kind = $6, state = $7, metadata = '', reason = '',
			width = 0, height = 0, clean = '', clean_size = 0, clean_sha256 = '', clean_crc32 = '', thumb_small = '', thumb_large = '',
			thumb_type = '', clean_type = '', animated = FALSE, updated_at = $8
		WHERE id = $9 AND owner_id = $10 AND blob = $11 AND hidden_at IS NULL AND removed_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		err := tx.change(ctx, "file", replace, f.Blob, f.Size, f.SHA256, f.CRC32, f.MediaType, f.Kind, f.State, f.UpdatedAt,
			f.ID, f.OwnerID, old)
		if err != nil {
			return err
		}
		return tx.setNameKey(ctx, f.ID)
	})
}

// FileRejected rejects a file whose blob is processing and reports true, or reports false
// if the file is no longer processing, or has another blob now.
func (db *DB) FileRejected(ctx context.Context, id models.FileID, blob models.BlobKey, reason string, now time.Time) (bool, error) {
	const reject = `
		UPDATE files SET state = 'rejected', reason = $1, updated_at = $2 WHERE id = $3 AND blob = $4 AND state = 'processing'`
	n, err := db.exec(ctx, reject, reason, now, id, blob)
	return n == 1, db.classify(err, "file")
}

// FilesWithoutCRC32 returns files after the given one that have bytes without a
// CRC-32, in the order of their ids.
func (db *DB) FilesWithoutCRC32(ctx context.Context, after models.FileID, limit int) ([]models.File, error) {
	const find = `
		SELECT ` + fileColumns + ` FROM files f
		WHERE f.id > $1 AND (f.crc32 = '' OR f.clean <> '' AND f.clean_crc32 = '') ORDER BY f.id LIMIT $2`
	return list(ctx, db, find, []any{after, limit}, fileFields)
}

// SetCRC32 sets the CRC-32 of the original of the file to sum, that of blob.
func (db *DB) SetCRC32(ctx context.Context, id models.FileID, blob models.BlobKey, sum string) error {
	_, err := db.exec(ctx, `UPDATE files SET crc32 = $1 WHERE id = $2 AND blob = $3`, sum, id, blob)
	return db.classify(err, "file")
}

// SetCleanCRC32 sets the CRC-32 of the copy without metadata to sum, that of clean.
func (db *DB) SetCleanCRC32(ctx context.Context, id models.FileID, clean models.BlobKey, sum string) error {
	_, err := db.exec(ctx, `UPDATE files SET clean_crc32 = $1 WHERE id = $2 AND clean = $3`, sum, id, clean)
	return db.classify(err, "file")
}

// CountProcessing returns how many of owner's files are processing.
func (db *DB) CountProcessing(ctx context.Context, owner models.UserID) (n int, err error) {
	const count = `SELECT COUNT(*) FROM files WHERE owner_id = $1 AND state = 'processing'`
	err = db.row(ctx, count, []any{owner}, &n)
	return n, db.classify(err, "file")
}

// KnownBlobs returns the keys that a record refers to.
func (db *DB) KnownBlobs(ctx context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error) {
	const find = `
		SELECT blob FROM files WHERE blob IN @keys
		UNION ALL SELECT clean FROM files WHERE clean IN @keys AND clean <> ''
		UNION ALL SELECT thumb_small FROM files WHERE thumb_small IN @keys AND thumb_small <> ''
		UNION ALL SELECT thumb_large FROM files WHERE thumb_large IN @keys AND thumb_large <> ''
		UNION ALL SELECT avatar FROM users WHERE avatar IN @keys AND avatar <> ''`
	const most = 200 // keys per query
	known := make(map[models.BlobKey]bool)
	for len(keys) > 0 {
		some := keys[:min(most, len(keys))]
		keys = keys[len(some):]
		rows, err := db.gorm.WithContext(ctx).Raw(find, sql.Named("keys", some)).Rows()
		if err == nil {
			err = each(rows, func(rows *sql.Rows) error {
				var key models.BlobKey
				err := rows.Scan(&key)
				known[key] = true
				return err
			})
		}
		if err != nil {
			return nil, db.classify(err, "blob")
		}
	}
	return known, nil
}
