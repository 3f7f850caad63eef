package database

import (
	"context"
	"math"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// Every list of users scans one index from a place on. The filters are ranges of
// the columns that follow in the same index, so neither dialect reads the rows
// that it skips; a filter that is not set is a range of everything. A filter for what
// few users have, such as a role, has indexes of these alone, and so skips nobody.
const (
	listedUsers = `SELECT id, username, email, role, tier, storage_used, quota, created_at, suspended_at, email_verified_at FROM users`
	filterUsers = `
		WHERE role >= $1 AND role <= $2 AND tier >= $3 AND tier <= $4 AND CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END >= $5`
	// Each kind of users that has indexes of its own, and their condition.
	everybody, ofRole, ofTier, isSuspended = "everybody", "of a role", "of a tier", "suspended"

	usersOfRole    = ` AND role = $1 AND role <> 'user'`
	usersOfTier    = ` AND tier = $3 AND tier <> 'free'`
	usersSuspended = ` AND suspended_at IS NOT NULL`

	// The orders, and the place in each at which a page begins.
	byCreated, byStorage, byName, byEmail = "created", "storage", "name", "email"

	usersByCreated = ` AND (created_at, id) < ($6, $7) ORDER BY created_at DESC, id DESC LIMIT $8`
	usersByStorage = ` AND (storage_used, id) < ($6, $7) ORDER BY storage_used DESC, id DESC LIMIT $8`
	usersByName    = ` AND username_key >= $6 AND username_key < $7 ORDER BY username_key LIMIT $8`
	usersByNamePG  = `
		AND username_key COLLATE "C" >= $6 AND username_key COLLATE "C" < $7 ORDER BY username_key COLLATE "C" LIMIT $8`
	usersByEmail = ` AND lower(email) = $6 AND id > $7 ORDER BY id LIMIT $8`

	// afterAllKeys sorts after every username key, and afterAllWords after every
	// role and tier.
	afterAllKeys, afterAllWords = "\x7f", "zzz"
)

// Users returns up to limit of the users that f selects, without their passwords.
func (db *DB) Users(ctx context.Context, f models.UserFilter, limit int) ([]models.User, error) {
	place, err := db.placeAfter(ctx, f.After)
	if isNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var order string
	var from, to any
	switch {
	case strings.Contains(f.Text, "@"):
		order, from, to = byEmail, f.Text, place.id
	case f.Text != "" || f.Sort == models.SortUsername:
		order, from, to = byName, max(f.Text, place.key), f.Text+afterAllKeys
	case f.Sort == models.SortStorage:
		order, from, to = byStorage, place.storage, place.id
	default:
		order, from, to = byCreated, place.created, place.id
	}
	suspended := 0
	if f.Suspended {
		suspended = 1
	}
	args := []any{f.Role, upTo(string(f.Role)), f.Tier, upTo(string(f.Tier)), suspended, from, to, limit}
	users, err := db.listUsers(ctx, fewUsers(f), order, args)
	return users, db.classify(err, "user")
}

// listUsers runs the query for users of some kind in an order. SQLite is told which index to
// take: it would choose one that filters better, and sort.
func (db *DB) listUsers(ctx context.Context, few, order string, args []any) ([]models.User, error) {
	query := listedUsers + filterUsers + usersByEmail
	for _, q := range []struct{ few, order, sqlite, postgres string }{
		{everybody, byCreated, listedUsers + ` INDEXED BY users_created` + filterUsers + usersByCreated,
			listedUsers + filterUsers + usersByCreated},
		{everybody, byStorage, listedUsers + ` INDEXED BY users_storage` + filterUsers + usersByStorage,
			listedUsers + filterUsers + usersByStorage},
		{everybody, byName, listedUsers + ` INDEXED BY users_key` + filterUsers + usersByName,
			listedUsers + filterUsers + usersByNamePG},
		{ofRole, byCreated, listedUsers + ` INDEXED BY users_role_created` + filterUsers + usersOfRole + usersByCreated,
			listedUsers + filterUsers + usersOfRole + usersByCreated},
		{ofRole, byStorage, listedUsers + ` INDEXED BY users_role_storage` + filterUsers + usersOfRole + usersByStorage,
			listedUsers + filterUsers + usersOfRole + usersByStorage},
		{ofRole, byName, listedUsers + ` INDEXED BY users_role_key` + filterUsers + usersOfRole + usersByName,
			listedUsers + filterUsers + usersOfRole + usersByNamePG},
		{ofTier, byCreated, listedUsers + ` INDEXED BY users_tier_created` + filterUsers + usersOfTier + usersByCreated,
			listedUsers + filterUsers + usersOfTier + usersByCreated},
		{ofTier, byStorage, listedUsers + ` INDEXED BY users_tier_storage` + filterUsers + usersOfTier + usersByStorage,
			listedUsers + filterUsers + usersOfTier + usersByStorage},
		{ofTier, byName, listedUsers + ` INDEXED BY users_tier_key` + filterUsers + usersOfTier + usersByName,
			listedUsers + filterUsers + usersOfTier + usersByNamePG},
		{isSuspended, byCreated, listedUsers + ` INDEXED BY users_suspended_created` + filterUsers + usersSuspended + usersByCreated,
			listedUsers + filterUsers + usersSuspended + usersByCreated},
		{isSuspended, byStorage, listedUsers + ` INDEXED BY users_suspended_storage` + filterUsers + usersSuspended + usersByStorage,
			listedUsers + filterUsers + usersSuspended + usersByStorage},
		{isSuspended, byName, listedUsers + ` INDEXED BY users_suspended_key` + filterUsers + usersSuspended + usersByName,
			listedUsers + filterUsers + usersSuspended + usersByNamePG},
	} {
		if q.few == few && q.order == order {
			query = q.sqlite
			if db.dialect == Postgres {
				query = q.postgres
			}
		}
	}
	return list(ctx, db, query, args, func(u *models.User) []any {
		return []any{&u.ID, &u.Username, &u.Email, &u.Role, &u.Tier, &u.StorageUsed, &u.Quota, &u.CreatedAt, &u.SuspendedAt, &u.EmailVerifiedAt}
	})
}

// fewUsers returns the narrowest kind of users that the filter may pick.
func fewUsers(f models.UserFilter) string {
	switch {
	case f.Role != "" && f.Role != models.RoleUser:
		return ofRole
	case f.Suspended:
		return isSuspended
	case f.Tier != "" && f.Tier != models.TierFree:
		return ofTier
	}
	return everybody
}

// upTo returns the upper end of the range that begins at a word of a filter.
func upTo(word string) string {
	if word == "" {
		return afterAllWords
	}
	return word
}

// A userPlace is where a page of a list of users begins, in each order.
type userPlace struct {
	id      models.UserID
	created time.Time
	storage int64
	key     string
}

// placeAfter returns the place after a user, or before all users for an empty ID.
// It returns NotFound if there is no such user.
func (db *DB) placeAfter(ctx context.Context, id models.UserID) (userPlace, error) {
	if id == "" {
		return userPlace{created: afterAllTimes, storage: math.MaxInt64}, nil
	}
	place := userPlace{id: id}
	const find = `SELECT created_at, storage_used, username_key FROM users WHERE id = $1`
	err := db.row(ctx, find, []any{id}, &place.created, &place.storage, &place.key)
	place.key += "\x01" // sorts before every character of a key
	return place, db.classify(err, "user")
}

// CountOf returns the user's numbers for the panel.
func (db *DB) CountOf(ctx context.Context, id models.UserID) (n models.UserCount, err error) {
	const count = `
		SELECT (SELECT COUNT(*) FROM sessions WHERE user_id = $1), (SELECT COUNT(*) FROM api_tokens WHERE user_id = $1),
			(SELECT COUNT(*) FROM oidc_identities WHERE user_id = $1),
			(SELECT COUNT(*) FROM posts WHERE author_id = $1 AND deleted_at IS NULL), (SELECT COUNT(*) FROM files WHERE owner_id = $1)`
	err = db.row(ctx, count, []any{id}, &n.Sessions, &n.Tokens, &n.Links, &n.Posts, &n.Files)
	return n, db.classify(err, "user")
}
