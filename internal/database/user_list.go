package database

import (
	"context"
	"database/sql"
	"strings"

	"example.org/cloakroom/internal/models"
)

// Each of these walks one index from its start, or from the place of a user on;
// what else is wanted stands in that index, and is asked of it so that both
// dialects need not look at the rows they pass over: as what lies between two
// words, which may be the first and the last there are. SQLite is told the
// index: it would take another to filter by, and sort.
const (
	userListColumns = `
		SELECT id, username, email, role, tier, storage_used, quota, created_at, suspended_at, email_verified_at`
	userListWanted = `
		WHERE role >= $1 AND role <= $2 AND tier >= $3 AND tier <= $4 AND CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END >= $5`
	usersWanted    = userListColumns + ` FROM users` + userListWanted
	usersByCreated = userListColumns + ` FROM users INDEXED BY users_created` + userListWanted
	usersByStorage = userListColumns + ` FROM users INDEXED BY users_storage` + userListWanted
	usersByKey     = userListColumns + ` FROM users INDEXED BY users_key` + userListWanted

	newest     = ` ORDER BY created_at DESC, id DESC LIMIT $6`
	newestGoOn = ` AND (created_at, id) < (SELECT created_at, id FROM users WHERE id = $6) ORDER BY created_at DESC, id DESC LIMIT $7`

	usersNewest, usersNewestGoOn     = usersByCreated + newest, usersByCreated + newestGoOn
	usersNewestPG, usersNewestGoOnPG = usersWanted + newest, usersWanted + newestGoOn

	mostStored     = ` ORDER BY storage_used DESC, id DESC LIMIT $6`
	mostStoredGoOn = ` AND (storage_used, id) < (SELECT storage_used, id FROM users WHERE id = $6) ORDER BY storage_used DESC, id DESC LIMIT $7`

	usersStorage, usersStorageGoOn     = usersByStorage + mostStored, usersByStorage + mostStoredGoOn
	usersStoragePG, usersStorageGoOnPG = usersWanted + mostStored, usersWanted + mostStoredGoOn

	usersByEmail     = usersWanted + ` AND lower(email) = $6 ORDER BY id LIMIT $7`
	usersByEmailGoOn = usersWanted + ` AND lower(email) = $6 AND id > $7 ORDER BY id LIMIT $8`

	usersByName       = usersByKey + ` AND username_key < $6 AND username_key >= $7 ORDER BY username_key LIMIT $8`
	usersByNameGoOn   = usersByKey + ` AND username_key < $6 AND username_key > ` + afterUserKey + ` ORDER BY username_key LIMIT $9`
	usersByNamePG     = usersWanted + ` AND username_key COLLATE "C" < $6 AND username_key COLLATE "C" >= $7 ORDER BY username_key COLLATE "C" LIMIT $8`
	usersByNameGoOnPG = usersWanted + ` AND username_key COLLATE "C" < $6 AND username_key COLLATE "C" > ` + afterUserKeyPG + ` ORDER BY username_key COLLATE "C" LIMIT $9`

	// One bound alone below, or SQLite begins at the lower one.
	afterUserKey   = `(SELECT CASE WHEN username_key < $7 THEN $7 ELSE username_key END FROM users WHERE id = $8)`
	afterUserKeyPG = `(SELECT CASE WHEN username_key COLLATE "C" < $7 THEN $7 ELSE username_key END FROM users WHERE id = $8)`

	// afterAllKeys comes after every username in the order of bytes, and
	// afterAllWords after every role and tier in any order.
	afterAllKeys, afterAllWords = "\x7f", "zzz"
)

// Users returns up to limit of the users that f wants, without their passwords.
func (db *DB) Users(ctx context.Context, f models.UserFilter, limit int) ([]models.User, error) {
	suspended := 0
	if f.Suspended {
		suspended = 1
	}
	roles, tiers := f.Role, f.Tier // up to which
	if f.Role == "" {
		roles = afterAllWords
	}
	if f.Tier == "" {
		tiers = afterAllWords
	}
	postgres := db.Dialect() == Postgres
	first, goOn, args := usersNewest, usersNewestGoOn, []any{f.Role, roles, f.Tier, tiers, suspended}
	switch {
	case strings.Contains(f.Text, "@"):
		first, goOn, args = usersByEmail, usersByEmailGoOn, append(args, f.Text)
	case f.Text != "" || f.Sort == models.SortUsername:
		first, goOn = usersByName, usersByNameGoOn
		if postgres {
			first, goOn = usersByNamePG, usersByNameGoOnPG
		}
		args = append(args, f.Text+afterAllKeys, f.Text)
	case f.Sort == models.SortStorage && postgres:
		first, goOn = usersStoragePG, usersStorageGoOnPG
	case f.Sort == models.SortStorage:
		first, goOn = usersStorage, usersStorageGoOn
	case postgres:
		first, goOn = usersNewestPG, usersNewestGoOnPG
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
