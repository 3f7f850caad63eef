package database

import (
	"context"
	"slices"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// CreateUser inserts u, or returns a Conflict at the field "username" if another
// user has its key.
func (db *DB) CreateUser(ctx context.Context, u *models.User) error {
	err := create(ctx, db, "user", u)
	if problem.KindOf(err) == problem.Conflict {
		taken := problem.New(problem.Conflict, "This username is taken.")
		taken.Field = "username"
		return taken
	}
	return err
}

// UserByID returns the user with the given ID, or NotFound.
func (db *DB) UserByID(ctx context.Context, id models.UserID) (models.User, error) {
	u, err := take[models.User](ctx, db, "id = ?", id)
	return u, db.classify(err, "user")
}

// UserByUsername returns the user whose username has the given key, or NotFound.
func (db *DB) UserByUsername(ctx context.Context, key string) (models.User, error) {
	u, err := take[models.User](ctx, db, "username_key = ?", key)
	return u, db.classify(err, "user")
}

const anyAdmin = `SELECT 1 FROM users WHERE role = 'admin'`

// AnyAdmin reports whether there is an admin.
func (db *DB) AnyAdmin(ctx context.Context) (bool, error) {
	var any bool
	err := db.row(ctx, `SELECT EXISTS (`+anyAdmin+`)`, nil, &any)
	return any, db.classify(err, "user")
}

// A ProfileChange holds the parts of their profile that users can change.
type ProfileChange struct {
	Email   models.Email
	Phone   models.Phone
	Website models.WebsiteURL
	Bio     models.Bio
}

// UpdateProfile changes the profile of a user, or returns NotFound. A new email
// address is not verified.
func (db *DB) UpdateProfile(ctx context.Context, id models.UserID, to ProfileChange, now time.Time) error {
	const update = `
		UPDATE users SET email_verified_at = CASE WHEN email = $1 THEN email_verified_at END,
			email = $1, phone = $2, website = $3, bio = $4, updated_at = $5
		WHERE id = $6`
	return db.change(ctx, "user", update, to.Email, to.Phone, to.Website, to.Bio, now, id)
}

// UpdatePasswordHash sets the hash of a password that the user knows, or returns
// NotFound.
func (db *DB) UpdatePasswordHash(ctx context.Context, id models.UserID, hash string, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET password_hash = $1, no_password = FALSE, updated_at = $2 WHERE id = $3`, hash, now, id)
}

// SetTier moves the user to a tier, or returns NotFound.
func (db *DB) SetTier(ctx context.Context, id models.UserID, tier models.Tier, now time.Time) error {
	return db.change(ctx, "user", `UPDATE users SET tier = $1, updated_at = $2 WHERE id = $3`, tier, now, id)
}

// SetAvatar sets the user's avatar, or removes it if blob is empty, and returns the
// old one. Of several calls at once, each returns a different old avatar.
func (db *DB) SetAvatar(
	ctx context.Context, id models.UserID, blob models.BlobKey, mediaType string, now time.Time,
) (old models.BlobKey, err error) {
	err = db.Tx(ctx, func(tx *DB) error {
		// This locks the row. Reading it would not, on PostgreSQL.
		if err := tx.change(ctx, "user", `UPDATE users SET updated_at = $1 WHERE id = $2`, now, id); err != nil {
			return err
		}
		if err := tx.row(ctx, `SELECT avatar FROM users WHERE id = $1`, []any{id}, &old); err != nil {
			return tx.classify(err, "user")
		}
		return tx.change(ctx, "user", `UPDATE users SET avatar = $1, avatar_type = $2 WHERE id = $3`, blob, mediaType, id)
	})
	if err != nil {
		return "", err
	}
	return old, nil
}

// ReserveStorage adds size to what the user has stored and reports true. It
// reports false if that would exceed quota, or if the user is no longer active:
// then an upload under way is not kept.
func (db *DB) ReserveStorage(ctx context.Context, id models.UserID, size, quota int64) (bool, error) {
	const reserve = `UPDATE users AS u SET storage_used = storage_used + $1 WHERE u.id = $2 AND u.storage_used <= $3 AND ` + activeUser
	if size < 0 || size > quota {
		return false, nil
	}
	n, err := db.exec(ctx, reserve, size, id, quota-size)
	return n == 1, db.classify(err, "user")
}

// ReleaseStorage subtracts size from what the user has stored.
func (db *DB) ReleaseStorage(ctx context.Context, id models.UserID, size int64) error {
	const release = `UPDATE users SET storage_used = storage_used - $1 WHERE id = $2`
	_, err := db.exec(ctx, release, size, id)
	return db.classify(err, "user")
}

// ActiveUserIDs returns the IDs of the active users who have one of the names. It does
// not say which names are nobody's.
func (db *DB) ActiveUserIDs(ctx context.Context, names []string) ([]models.UserID, error) {
	const find = `SELECT u.id FROM users u WHERE u.username_key = $1 AND ` + activeUser
	ids := []models.UserID{}
	for _, name := range names {
		found, err := column[models.UserID](ctx, db, find, models.Username(name).Key())
		if err != nil {
			return nil, db.classify(err, "user")
		}
		for _, id := range found {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}
