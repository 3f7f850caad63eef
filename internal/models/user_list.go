package models

import (
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A UserSort is the order of a list of users.
type UserSort string

// The orders.
const (
	SortNewest   UserSort = "newest"
	SortUsername UserSort = "username"
	SortStorage  UserSort = "storage" // largest first
)

// A UserFilter selects and orders users. The zero value selects all, newest
// first.
type UserFilter struct {
	Text      string // prefix of the username or, if it contains @, an exact email address
	Role      Role
	Tier      Tier
	Suspended bool // suspended users only
	Sort      UserSort
	After     UserID // last user of the page before; empty: the first page
	Limit     int    // page size; 0: that of the panel
}

// maxUserText is the longest search text, in bytes.
const maxUserText = 254

// ParseUserFilter returns the filter described by raw text, or an Invalid problem
// at the field "q", "role", "tier" or "sort".
func ParseUserFilter(q, role, tier, sort string) (UserFilter, error) {
	f := UserFilter{Text: strings.ToLower(normalizeLine(q)), Sort: SortNewest}
	if len(f.Text) > maxUserText || f.Text != "" && !isLine(f.Text) {
		return f, problem.OnField("q", "Enter a username or an email.")
	}
	var err error
	if role != "" {
		if f.Role, err = ParseRole(role); err != nil {
			return f, err
		}
	}
	if tier != "" {
		if f.Tier, err = ParseTier(tier); err != nil {
			return f, err
		}
	}
	switch UserSort(sort) {
	case "":
	case SortNewest, SortUsername, SortStorage:
		f.Sort = UserSort(sort)
	default:
		return f, problem.OnField("sort", "Choose newest, username or storage.")
	}
	if f.Text != "" {
		f.Sort = SortUsername
	}
	return f, nil
}

// A UserCount is the number of things of each kind that a user has.
type UserCount struct{ Sessions, Tokens, Links, Posts, Files int64 }
