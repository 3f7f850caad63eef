package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// requestColumns are the columns of the request q, in the order of requestFields.
const requestColumns = `q.id, q.owner_id, q.post_id, q.hash, q.sealed, q.name, q.title, q.message, q.sender, q.kinds, q.one_use,
	q.max_files, q.max_bytes, q.max_file_bytes, q.password, q.password_version, q.files, q.bytes, q.guest, q.created_at, q.updated_at,
	q.expires_at, q.revoked_at, q.used_at`

// requestFields returns where to scan requestColumns.
func requestFields(q *models.FileRequest) []any {
	return []any{&q.ID, &q.OwnerID, &q.PostID, &q.Hash, &q.Sealed, &q.Name, &q.Title, &q.Message, &q.Sender, &q.Kinds, &q.OneUse, &q.MaxFiles,
		&q.MaxBytes, &q.MaxFileBytes, &q.Password, &q.PasswordVersion, &q.Files, &q.Bytes, &q.Guest, &q.CreatedAt, &q.UpdatedAt, &q.ExpiresAt,
		&q.RevokedAt, &q.UsedAt}
}

// CreateFileRequest inserts q with its post, and reports true. It reports false if its
// owner already has most requests.
func (db *DB) CreateFileRequest(ctx context.Context, q *models.FileRequest, post *models.Post, most int) (made bool, err error) {
	const count = `SELECT COUNT(*) FROM (SELECT 1 FROM file_requests WHERE owner_id = $1 LIMIT $2) AS n`
	err = db.Tx(ctx, func(tx *DB) error {
		// On PostgreSQL a count does not see rows of open transactions.
		if err := tx.lockUser(ctx, q.OwnerID); err != nil {
			return err
		}
		var has int
		if err := tx.row(ctx, count, []any{q.OwnerID, most}, &has); err != nil || has >= most {
			return tx.classify(err, "request")
		}
		if err := tx.CreatePost(ctx, post, nil); err != nil {
			return err
		}
		if err := create(ctx, tx, "request", q); err != nil {
			return err
		}
		made = true
		return tx.ReindexPost(ctx, post.ID)
	})
	return made && err == nil, err
}

// UpdateFileRequest changes a request of its owner's that is not closed, or returns
// NotFound. Another password gets the next version, so that earlier unlocks end. Limits
// below what was received are raised to that.
func (db *DB) UpdateFileRequest(ctx context.Context, q *models.FileRequest) error {
	const update = `
		UPDATE file_requests SET name = $1, title = $2, message = $3, sender = $4, kinds = $5, one_use = $6,
			max_files = CASE WHEN $7 > files THEN $7 ELSE files END,
			max_bytes = CASE WHEN $8 > bytes OR $8 = 0 THEN $8 ELSE bytes END, max_file_bytes = $9,
			password_version = password_version + CASE WHEN password = $10 THEN 0 ELSE 1 END, password = $10,
			expires_at = $11, updated_at = $12
		WHERE id = $13 AND owner_id = $14 AND revoked_at IS NULL`
	return db.change(ctx, "request", update, q.Name, q.Title, q.Message, q.Sender, q.Kinds, q.OneUse, q.MaxFiles, q.MaxBytes, q.MaxFileBytes,
		q.Password, q.ExpiresAt, q.UpdatedAt, q.ID, q.OwnerID)
}

// RevokeFileRequest closes a request of owner's, or returns NotFound if there is none
// that is not closed yet.
func (db *DB) RevokeFileRequest(ctx context.Context, owner models.UserID, id models.FileRequestID, now time.Time) error {
	const revoke = `UPDATE file_requests SET revoked_at = $1 WHERE id = $2 AND owner_id = $3 AND revoked_at IS NULL`
	return db.change(ctx, "request", revoke, now, id, owner)
}

// DeleteFileRequest removes a request of owner's with its receipts, or returns NotFound.
// What was received stays in the post; what is coming in gives its storage back.
func (db *DB) DeleteFileRequest(ctx context.Context, owner models.UserID, id models.FileRequestID) error {
	const lock = `UPDATE file_requests SET files = files WHERE id = $1 AND owner_id = $2`
	const coming = `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM received_files WHERE request_id = $1 AND received_at IS NULL`
	return db.Tx(ctx, func(tx *DB) error {
		if err := tx.change(ctx, "request", lock, id, owner); err != nil {
			return err
		}
		var bytes int64
		if err := tx.row(ctx, coming, []any{id}, &bytes); err != nil {
			return tx.classify(err, "request")
		}
		if _, err := tx.exec(ctx, `DELETE FROM file_requests WHERE id = $1 AND owner_id = $2`, id, owner); err != nil {
			return tx.classify(err, "request")
		}
		return tx.ReleaseStorage(ctx, owner, bytes)
	})
}

// requestViewFrom begins each list of requests.
const requestViewFrom = `
	SELECT ` + requestColumns + `, p.title, p.deleted_at IS NULL AND p.hidden_at IS NULL FROM file_requests q JOIN posts p ON p.id = q.post_id`

// requestViewFields returns where to scan the columns of requestViewFrom.
func requestViewFields(v *models.FileRequestView) []any {
	return append(requestFields(&v.FileRequest), &v.PostTitle, &v.PostOpen)
}

// FileRequestOf returns a request of owner's, or NotFound.
func (db *DB) FileRequestOf(ctx context.Context, owner models.UserID, id models.FileRequestID) (v models.FileRequestView, err error) {
	err = db.row(ctx, requestViewFrom+` WHERE q.id = $1 AND q.owner_id = $2`, []any{id, owner}, requestViewFields(&v)...)
	return v, db.classify(err, "request")
}

// FileRequestsOf returns owner's requests that are older than before, newest first.
func (db *DB) FileRequestsOf(
	ctx context.Context, owner models.UserID, before models.Cursor, limit int,
) (models.Page[models.FileRequestView], error) {
	const find = requestViewFrom + `
		WHERE q.owner_id = $1 AND (q.created_at, q.id) < ($2, $3) ORDER BY q.created_at DESC, q.id DESC LIMIT $4`
	views, err := list(ctx, db, find, []any{owner, start(before), before.ID, limit + 1}, requestViewFields)
	if err != nil {
		return models.Page[models.FileRequestView]{}, db.classify(err, "request")
	}
	return models.PageOf(views, limit, func(v models.FileRequestView) models.Cursor { return v.Cursor() }), nil
}

// FileRequestsOfPost returns owner's requests that fill the post, newest first, at most
// limit.
func (db *DB) FileRequestsOfPost(
	ctx context.Context, owner models.UserID, post models.PostID, limit int,
) ([]models.FileRequestView, error) {
	const find = requestViewFrom + ` WHERE q.post_id = $1 AND q.owner_id = $2 ORDER BY q.created_at DESC, q.id DESC LIMIT $3`
	views, err := list(ctx, db, find, []any{post, owner, limit}, requestViewFields)
	return views, db.classify(err, "request")
}

// FileRequestByHash returns a request and its owner for guests. It returns NotFound
// unless the owner is active and the post there; the request itself can be closed,
// expired or full. Of the owner it returns ID, Username, Tier and Quota.
func (db *DB) FileRequestByHash(ctx context.Context, hash models.SecretHash) (q models.FileRequest, owner models.User, err error) {
	const find = `
		SELECT ` + requestColumns + `, u.id, u.username, u.tier, u.quota FROM file_requests q
		JOIN users u ON u.id = q.owner_id JOIN posts p ON p.id = q.post_id WHERE q.hash = $1 AND ` + keptRequest
	fields := append(requestFields(&q), &owner.ID, &owner.Username, &owner.Tier, &owner.Quota)
	err = db.row(ctx, find, []any{hash}, fields...)
	return q, owner, db.classify(err, "request")
}

// FileRequestOpens returns NotFound unless the request is open at now, and still has that
// password version. Uploads ask it while they run.
func (db *DB) FileRequestOpens(ctx context.Context, id models.FileRequestID, version int, now time.Time) error {
	const find = `
		SELECT 1 FROM file_requests q JOIN users u ON u.id = q.owner_id JOIN posts p ON p.id = q.post_id
		WHERE ` + openRequest + ` AND q.id = $2 AND q.password_version = $3`
	var one int
	return db.classify(db.row(ctx, find, []any{now, id, version}, &one), "request")
}
