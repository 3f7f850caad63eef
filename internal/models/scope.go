package models

import (
	"slices"
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A Scope is a group of rights that an API token can have. A token never has
// more rights than its user.
type Scope string

// The scopes. No scope includes another.
const (
	ScopeRead   Scope = "read"   // read what the user can see
	ScopeWrite  Scope = "write"  // create, change and delete
	ScopeUpload Scope = "upload" // upload files
	ScopeAdmin  Scope = "admin"  // administration, within the user's role
)

// AllScopes returns every scope.
func AllScopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeUpload, ScopeAdmin} }

// Scopes are the scopes of one API token, as a space-separated list (RFC 6749,
// 3.3). They are stored in this form.
type Scopes string

// ScopesOf returns the given scopes in the order of AllScopes, without
// duplicates.
func ScopesOf(scopes ...Scope) Scopes {
	var names []string
	for _, scope := range AllScopes() {
		if slices.Contains(scopes, scope) {
			names = append(names, string(scope))
		}
	}
	return Scopes(strings.Join(names, " "))
}

// ParseScopes returns the scopes with the given names, at least one, or an
// Invalid problem at the field "scope". Only admins can grant ScopeAdmin.
func ParseScopes(names []string, user User) (Scopes, error) {
	var scopes []Scope
	for _, name := range names {
		scope := Scope(name)
		if !slices.Contains(AllScopes(), scope) || scope == ScopeAdmin && !user.IsAdmin() {
			return "", problem.OnField("scope", "Your tokens can't have this permission.")
		}
		scopes = append(scopes, scope)
	}
	if len(scopes) == 0 {
		return "", problem.OnField("scope", "Choose at least one permission.")
	}
	return ScopesOf(scopes...), nil
}

// Has reports whether s contains scope.
func (s Scopes) Has(scope Scope) bool {
	return slices.Contains(strings.Fields(string(s)), string(scope))
}

// String returns the scopes as a comma-separated list for people.
func (s Scopes) String() string { return strings.ReplaceAll(string(s), " ", ", ") }
