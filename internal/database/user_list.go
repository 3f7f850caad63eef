package database

import (
	"context"
	"database/sql"
	"strings"

	"example.org/cloakroom/internal/models"
)

// Each of these walks one index from its start, or from the place of a user on;
// what else is wanted is asked of the rows it meets.
const (
	usersWanted = `
		SELECT id, username, email, role, tier, storage_used, quota, created_at, suspended_at, email_verified_at FROM users
		WHERE ($1 = '' OR role = $1) AND ($2 = '' OR tier = $2) AND ($3 = 0 OR suspended_at IS NOT NULL)`

	usersNewest     = usersWanted + ` ORDER BY created_at DESC, id DESC LIMIT $4`
	usersNewestGoOn = usersWanted + ` AND (created_at, id) < (SELECT created_at, id FROM users WHERE id = $4) ORDER BY created_at DESC, id DESC LIMIT $5`

	usersStorage     = usersWanted + ` ORDER BY storage_used DESC, id DESC LIMIT $4`
	usersStorageGoOn = usersWanted + ` AND (storage_used, id) < (SELECT storage_used, id FROM users WHERE id = $4) ORDER BY storage_used DESC, id DESC LIMIT $5`

	usersByEmail      = usersWanted + ` AND lower(email) = $4 ORDER BY id LIMIT $5`
	usersByEmailGoOn  = usersWanted + ` AND lower(email) = $4 AND id > $5 ORDER BY id LIMIT $6`
	afterUserKey      = `(SELECT username_key FROM users WHERE id = $6)`
	usersByName       = usersWanted + ` AND username_key >= $4 AND username_key < $5 ORDER BY username_key LIMIT $6`
	usersByNameGoOn   = usersWanted + ` AND username_key >= $4 AND username_key < $5 AND username_key > ` + afterUserKey + ` ORDER BY username_key LIMIT $7`
	usersByNamePG     = usersWanted + ` AND username_key COLLATE "C" >= $4 AND username_key COLLATE "C" < $5 ORDER BY username_key COLLATE "C" LIMIT $6`
	usersByNameGoOnPG = usersWanted + ` AND username_key COLLATE "C" >= $4 AND username_key COLLATE "C" < $5 AND username_key COLLATE "C" > ` + afterUserKey + ` ORDER BY username_key COLLATE "C" LIMIT $7`

	// afterAllKeys comes after every username in the order of bytes.
	afterAllKeys = "\x7f"
)

// Users returns up to limit of the users that f wants, without their passwords.
func (db *DB) Users(ctx context.Context, f models.UserFilter, limit int) ([]models.User, error) {
	suspended := 0
	if f.Suspended {
		suspended = 1
	}
	first, goOn, args := usersNewest, usersNewestGoOn, []any{f.Role, f.Tier, suspended}
	switch {
	case strings.Contains(f.Text, "@"):
		first, goOn, args = usersByEmail, usersByEmailGoOn, append(args, f.Text)
	case f.Text != "" || f.Sort == models.SortUsername:
		first, goOn = usersByName, usersByNameGoOn
		if db.Dialect() == Postgres {
			first, goOn = usersByNamePG, usersByNameGoOnPG
		}
		args = append(args, f.Text, f.Text+afterAllKeys)
	case f.Sort == models.SortStorage:
		first, goOn = usersStorage, usersStorageGoOn
	}
	query := first
	if f.After != "" {
		query, args = goOn, append(args, f.After)
	}
	var users []models.User
	err := db.rows(ctx, query, append(args, limit), func(rows *sql.Rows) error {
		var u models.User
		err := rows.Scan(&u.ID, &u.Username, &u.Email, &u.Role, &u.Tier, &u.StorageUsed, &u.Quota, &u.CreatedAt, &u.SuspendedAt, &u.EmailVerifiedAt)
		users = append(users, u)
		return err
	})
	return users, db.classify(err, "user")
}

// CountOf returns how much the user has of what admins are told the number of.
func (db *DB) CountOf(ctx context.Context, id models.UserID) (n models.UserCount, err error) {
	const count = `
		SELECT (SELECT COUNT(*) FROM sessions WHERE user_id = $1), (SELECT COUNT(*) FROM api_tokens WHERE user_id = $1), (SELECT COUNT(*) FROM oidc_identities WHERE user_id = $1),
			(SELECT COUNT(*) FROM posts WHERE author_id = $1 AND deleted_at IS NULL), (SELECT COUNT(*) FROM files WHERE owner_id = $1)`
	err = db.row(ctx, count, []any{id}, &n.Sessions, &n.Tokens, &n.Links, &n.Posts, &n.Files)
	return n, db.classify(err, "user")
}
