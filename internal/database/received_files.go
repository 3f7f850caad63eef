package database

import (
	"context"
	"errors"
	"time"

	"example.org/cloakroom/internal/models"
)

// stillOpen is true for a row of file_requests that takes files at $1.
const stillOpen = `EXISTS (SELECT 1 FROM file_requests q JOIN users u ON u.id = q.owner_id JOIN posts p ON p.id = q.post_id
	WHERE q.id = file_requests.id AND ` + openRequest + `)`

// errNoRoom undoes a transaction that has reserved only a part.
var errNoRoom = errors.New("no room")

// ReserveReceivedFile reserves a place for f in the request, f.Size bytes of the request
// and the same of its owner's storage, and inserts f. It returns the place, from 0. It
// reports false, and reserves nothing, if the bytes have no room. It returns NotFound if
// the request takes no file from f.Holder at f.CreatedAt, or has another password by now.
func (db *DB) ReserveReceivedFile(
	ctx context.Context, q models.FileRequest, f *models.ReceivedFile, quota int64,
) (place int, room bool, err error) {
	const reserve = `
		UPDATE file_requests SET used_at = $1, files = files + 1, bytes = bytes + $2, guest = CASE WHEN one_use THEN $3 ELSE guest END
		WHERE id = $4 AND password_version = $5 AND files < max_files AND (max_bytes = 0 OR bytes + $2 <= max_bytes)
			AND (NOT one_use OR guest = '' OR guest = $3) AND ` + stillOpen + ` RETURNING files - 1`
	err = db.Tx(ctx, func(tx *DB) error {
		args := []any{f.CreatedAt, f.Size, f.Holder, q.ID, q.PasswordVersion}
		err := tx.classify(tx.row(ctx, reserve, args, &place), "request")
		if isNotFound(err) {
			return tx.whyNoPlace(ctx, q, f)
		}
		if err != nil {
			return err
		}
		has, err := tx.ReserveStorage(ctx, q.OwnerID, f.Size, quota)
		if err == nil && !has {
			err = errNoRoom
		}
		if err != nil {
			return err
		}
		return create(ctx, tx, "file", f)
	})
	if errors.Is(err, errNoRoom) {
		return 0, false, nil
	}
	return place, err == nil, err
}

// whyNoPlace returns errNoRoom if the request has a place for f, but no room for its
// bytes, and NotFound otherwise.
func (db *DB) whyNoPlace(ctx context.Context, q models.FileRequest, f *models.ReceivedFile) error {
	const find = `
		SELECT 1 FROM file_requests WHERE ` + stillOpen + ` AND id = $2 AND password_version = $3 AND files < max_files
			AND (NOT one_use OR guest = '' OR guest = $4)`
	var one int
	err := db.row(ctx, find, []any{f.CreatedAt, q.ID, q.PasswordVersion, f.Holder}, &one)
	if err == nil {
		return errNoRoom
	}
	return db.classify(err, "request")
}

// GrowReceivedFile reserves that many more bytes for an upload, until its reservation ends.
// It reports false, and reserves nothing, if there is no room for them. It returns
// NotFound if the reservation has ended.
func (db *DB) GrowReceivedFile(
	ctx context.Context, q models.FileRequest, id models.ReceivedFileID, bytes, quota int64, until time.Time,
) (room bool, err error) {
	const request = `UPDATE file_requests SET bytes = bytes + $1 WHERE id = $2 AND (max_bytes = 0 OR bytes + $1 <= max_bytes)`
	const file = `UPDATE received_files SET size = size + $1, expires_at = $2 WHERE id = $3 AND received_at IS NULL`
	err = db.Tx(ctx, func(tx *DB) error {
		n, err := tx.exec(ctx, request, bytes, q.ID)
		if err == nil && n == 0 {
			err = errNoRoom
		}
		if err == nil {
			err = tx.change(ctx, "file", file, bytes, until, id)
		}
		if err != nil {
			return err
		}
		has, err := tx.ReserveStorage(ctx, q.OwnerID, bytes, quota)
		if err == nil && !has {
			err = errNoRoom
		}
		return err
	})
	if errors.Is(err, errNoRoom) {
		return false, nil
	}
	return err == nil, db.classify(err, "file")
}

// RenewReceivedFile lets the reservation of a running upload last until the given time,
// or returns NotFound if it has ended.
func (db *DB) RenewReceivedFile(ctx context.Context, id models.ReceivedFileID, until time.Time) error {
	return db.change(ctx, "file", `UPDATE received_files SET expires_at = $1 WHERE id = $2 AND received_at IS NULL`, until, id)
}

// KeepReceivedFile makes f, which has reserved that many bytes, the receipt of its file,
// and gives the rest of them back. It returns NotFound if the request takes files no
// longer, or if the reservation has ended.
func (db *DB) KeepReceivedFile(ctx context.Context, q models.FileRequest, f models.ReceivedFile, reserved int64) error {
	const request = `UPDATE file_requests SET used_at = $1, bytes = bytes - $2 WHERE id = $3 AND password_version = $4 AND ` + stillOpen
	const file = `
		UPDATE received_files SET file_id = $1, name = $2, size = $3, sha256 = $4, received_at = $5, expires_at = NULL
		WHERE id = $6 AND received_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "request", request, f.ReceivedAt, reserved-f.Size, q.ID, q.PasswordVersion); err != nil {
			return err
		}
		if err := tx.change(ctx, "file", file, f.FileID, f.Name, f.Size, f.SHA256, f.ReceivedAt, f.ID); err != nil {
			return err
		}
		return tx.ReleaseStorage(ctx, q.OwnerID, reserved-f.Size)
	})
}

// GiveBackReceivedFile removes the reservation of a file that has not come in, and gives
// back its place and its bytes, if it ends at the given time or earlier. It does nothing
// if there is no such reservation.
func (db *DB) GiveBackReceivedFile(ctx context.Context, f models.ReceivedFile, upTo time.Time) error {
	const lock = `UPDATE file_requests SET files = files WHERE id = $1`
	const remove = `DELETE FROM received_files WHERE id = $1 AND received_at IS NULL AND expires_at <= $2 RETURNING size`
	const request = `
		UPDATE file_requests SET files = files - 1, bytes = bytes - $1,
			guest = CASE WHEN EXISTS (SELECT 1 FROM received_files r WHERE r.request_id = $2) THEN guest ELSE '' END
		WHERE id = $2 RETURNING owner_id`
	err := db.Tx(ctx, func(tx *DB) error {
		// In the order in which uploads lock them.
		if err := tx.change(ctx, "request", lock, f.RequestID); err != nil {
			return err
		}
		var size int64
		if err := tx.row(ctx, remove, []any{f.ID, upTo}, &size); err != nil {
			return tx.classify(err, "file")
		}
		var owner models.UserID
		if err := tx.row(ctx, request, []any{size, f.RequestID}, &owner); err != nil {
			return tx.classify(err, "request")
		}
		return tx.ReleaseStorage(ctx, owner, size)
	})
	if isNotFound(err) {
		return nil
	}
	return err
}

// receivedColumns are the columns of the received file r, in the order of
// receivedFields.
const receivedColumns = `r.id, r.request_id, r.holder, r.sender_name, r.sender_email, r.place, r.file_id, r.name, r.size, r.sha256,
	r.created_at, r.expires_at, r.received_at`

// receivedFields returns where to scan receivedColumns.
func receivedFields(f *models.ReceivedFile) []any {
	return []any{&f.ID, &f.RequestID, &f.Holder, &f.SenderName, &f.SenderEmail, &f.Place, &f.FileID, &f.Name, &f.Size, &f.SHA256,
		&f.CreatedAt, &f.ExpiresAt, &f.ReceivedAt}
}

// LapsedReceivedFiles returns up to limit files that have not come in, and whose
// reservation ended at now or before.
func (db *DB) LapsedReceivedFiles(ctx context.Context, now time.Time, limit int) ([]models.ReceivedFile, error) {
	const find = `
		SELECT ` + receivedColumns + ` FROM received_files r WHERE r.expires_at IS NOT NULL AND r.expires_at <= $1 ORDER BY r.expires_at LIMIT $2`
	found, err := list(ctx, db, find, []any{now, limit}, receivedFields)
	return found, db.classify(err, "file")
}

// ReceivedFilesOf returns what owner's request has received that is older than before,
// newest first.
func (db *DB) ReceivedFilesOf(
	ctx context.Context, owner models.UserID, request models.FileRequestID, before models.Cursor, limit int,
) (models.Page[models.ReceivedFile], error) {
	const find = `
		SELECT ` + receivedColumns + ` FROM file_requests q JOIN received_files r ON r.request_id = q.id
		WHERE q.id = $1 AND q.owner_id = $2 AND (r.created_at, r.id) < ($3, $4) AND r.received_at IS NOT NULL
		ORDER BY r.created_at DESC, r.id DESC LIMIT $5`
	found, err := list(ctx, db, find, []any{request, owner, start(before), before.ID, limit + 1}, receivedFields)
	return models.PageOf(found, limit, models.ReceivedFile.Cursor), db.classify(err, "file")
}

// ReceivedFilesFrom returns what the request has received from the holder, newest first,
// at most limit.
func (db *DB) ReceivedFilesFrom(
	ctx context.Context, request models.FileRequestID, holder string, limit int,
) ([]models.ReceivedFile, error) {
	const find = `
		SELECT ` + receivedColumns + ` FROM received_files r
		WHERE r.request_id = $1 AND r.holder = $2 AND r.received_at IS NOT NULL ORDER BY r.created_at DESC, r.id DESC LIMIT $3`
	found, err := list(ctx, db, find, []any{request, holder, limit}, receivedFields)
	return found, db.classify(err, "file")
}

// ForgetPlaces removes the networks of up to limit guests who left a file before the
// given time, and returns how many.
func (db *DB) ForgetPlaces(ctx context.Context, before time.Time, limit int) (int64, error) {
	const forget = `
		UPDATE received_files SET place = '' WHERE id IN
			(SELECT id FROM received_files WHERE place <> '' AND created_at < $1 ORDER BY created_at LIMIT $2)`
	n, err := db.exec(ctx, forget, before, limit)
	return n, db.classify(err, "file")
}
