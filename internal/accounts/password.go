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

// common contains the first eight bytes of the SHA-256 hashes of the 10,000 most
// common passwords, in ascending order: see scripts/common-passwords.mjs.
//
//go:embed common.bin
var common string

// commonSize is the number of bytes of each hash. The probability of a false
// positive is about 10⁻¹⁵.
const commonSize = 8

// isCommon reports whether password, in lower case, is one of the common ones.
func isCommon(password string) bool {
	sum := sha256.Sum256([]byte(password))
	sought := string(sum[:commonSize])
	n := len(common) / commonSize
	at := func(i int) string { return common[i*commonSize : (i+1)*commonSize] }
	i := sort.Search(n, func(i int) bool { return at(i) >= sought })
	return i < n && at(i) == sought
}

// checkPassword fails with a problem at field unless a new password is acceptable:
// 12 to 128 arbitrary characters, not a common password or a repetition of one, and
// without the username (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11).
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

// repeated returns the shortest text that gives s when repeated; this may be s.
func repeated(s string) string {
	if i := strings.Index((s + s)[1:], s) + 1; i < len(s) {
		return s[:i]
	}
	return s
}
