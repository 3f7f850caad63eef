package accounts

import (
	"crypto/sha256"
	_ "embed" // for the common passwords
	"sort"
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// common holds, of each of the ten thousand commonest passwords, the first
// eight bytes of its SHA-256, in ascending order: see scripts/common-passwords.mjs.
//
//go:embed common.bin
var common string

// commonSize is how many bytes of each hash are kept. Among ten thousand, a
// good password is mistaken for one of them once in 10¹⁵ times.
const commonSize = 8

// isCommon reports whether password, in lower case, is one of them.
func isCommon(password string) bool {
	sum := sha256.Sum256([]byte(password))
	sought := string(sum[:commonSize])
	n := len(common) / commonSize
	at := func(i int) string { return common[i*commonSize : (i+1)*commonSize] }
	i := sort.Search(n, func(i int) bool { return at(i) >= sought })
	return i < n && at(i) == sought
}

// checkPassword judges a new password at field: 12 to 128 characters, any of
// them, none of the ten thousand commonest, alone or repeated, and not built
// from the user's own name (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11).
func checkPassword(field, password string, username models.Username) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return problem.OnField(field, "Remove control characters from the password.")
	case n < models.MinPassword:
		return problem.OnField(field, "Use at least %d characters. A few words in a row are easy to remember.", models.MinPassword)
	case n > models.MaxPassword:
		return problem.OnField(field, "Use at most %d characters.", models.MaxPassword)
	}
	folded := strings.ToLower(password)
	if username != "" && strings.Contains(folded, username.Key()) {
		return problem.OnField(field, "The password can't contain your username.")
	}
	if once := repeated(folded); isCommon(folded) || isCommon(once) || utf8.RuneCountInString(once) == 1 {
		return problem.OnField(field, "This password is too common. Choose another.")
	}
	return nil
}

// repeated returns the shortest text of which s is a whole number of copies:
// s itself if there is no shorter one.
func repeated(s string) string {
	if i := strings.Index((s + s)[1:], s) + 1; i < len(s) {
		return s[:i]
	}
	return s
}
