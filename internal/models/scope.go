package models

import (
	"slices"
	"strings"

	"example.org/cloakroom/internal/problem"
)

// A Scope is a part of what a user may do that an API token may do too.
type Scope string

// The scopes. None holds another.
const (
	ScopeRead   Scope = "read"   // see what the user sees
	ScopeWrite  Scope = "write"  // make, change and delete
	ScopeUpload Scope = "upload" // send the bytes of files
	ScopeAdmin  Scope = "admin"  // look after the site, as far as the user may
)

// AllScopes lists every scope.
func AllScopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeUpload, ScopeAdmin} }

// Scopes are what one API token may: names with spaces between, as OAuth writes
// them (RFC 6749, 3.3), and as they are kept.
type Scopes string

// ScopesOf returns the scopes given, each once and in our order.
func ScopesOf(scopes ...Scope) Scopes {
	var names []string
	for _, scope := range AllScopes() {
		if slices.Contains(scopes, scope) {
			names = append(names, string(scope))
		}
	}
	return Scopes(strings.Join(names, " "))
}

// ParseScopes returns the scopes of those names, at least one, or a problem at
// the field "scope". Only an admin may give away the scope admin.
func ParseScopes(names []string, who User) (Scopes, error) {
	var scopes []Scope
	for _, name := range names {
		scope := Scope(name)
		if !slices.Contains(AllScopes(), scope) || scope == ScopeAdmin && !who.IsAdmin() {
			return "", problem.OnField("scope", "A token of yours cannot have that right.")
		}
		scopes = append(scopes, scope)
	}
	if len(scopes) == 0 {
		return "", problem.OnField("scope", "Choose at least one thing that the token may do.")
	}
	return ScopesOf(scopes...), nil
}

// Has reports whether scope is one of s.
func (s Scopes) Has(scope Scope) bool {
	return slices.Contains(strings.Fields(string(s)), string(scope))
}

// String lists the scopes for people to read.
func (s Scopes) String() string { return strings.ReplaceAll(string(s), " ", ", ") }
