package models

import (
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// MaxReason is the longest reason for an act of an admin or a moderator, in characters.
const MaxReason = 500

// ParseReason returns s as the reason for an act of an admin or a moderator, which may
// be empty, or an Invalid problem at field. A reason is one line: it is a detail of an
// event in the audit log.
func ParseReason(field, s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	switch n := utf8.RuneCountInString(s); {
	case n > MaxReason:
		return "", problem.OnField(field, "Shorten the reason: it has %d characters, and %d are allowed.", n, MaxReason)
	case !isLine(s):
		return "", problem.OnField(field, "Remove control characters from the reason.")
	}
	return s, nil
}
