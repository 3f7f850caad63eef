package models

import (
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A UserSort is an order of a list of users.
type UserSort string

// The orders.
const (
	SortNewest   UserSort = "newest"
	SortUsername UserSort = "username"
	SortStorage  UserSort = "storage" // most first
)

// A UserFilter says which users are wanted, in which order. The zero filter
// wants all, newest first.
type UserFilter struct {
	Text      string // how the username begins, or, with an @, a whole mail address
	Role      Role
	Tier      Tier
	Suspended bool // those alone
	Sort      UserSort
	After     UserID // whose place in the list it goes on from; empty: the first page
	Most      int    // how many at once; 0: as many as a page of the panel has
}

// maxUserText is how long a username to be searched, or an address, may be.
const maxUserText = 254

// ParseUserFilter returns the filter that raw text asks for, or problems at the
// fields "q", "role", "tier" and "sort".
func ParseUserFilter(q, role, tier, sort string) (UserFilter, error) {
	f := UserFilter{Text: strings.ToLower(strings.TrimSpace(q)), Sort: SortNewest}
	if len(f.Text) > maxUserText || f.Text != "" && !isLine(f.Text) {
		return f, problem.OnField("q", "Search for a username or a mail address.")
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
		return f, problem.OnField("sort", "The order is newest, username or storage.")
	}
	if f.Text != "" {
		f.Sort = SortUsername
	}
	return f, nil
}

// A UserCount is how many of what somebody has.
type UserCount struct{ Sessions, Tokens, Links, Posts, Files int64 }
