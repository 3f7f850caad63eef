package accounts

import (
	"crypto/sha256"
	_ "embed" // for the common passwords
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/problem"
)

// common contains the first eight bytes of the SHA-256 hashes of the 10,000 most common
// passwords of at least 12 characters, in ascending order: see scripts/common-passwords.mjs.
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

// minOwn is how many characters a password must have besides words that anybody can guess.
const minOwn = 6

// checkPassword fails with a problem at field unless a new password is acceptable: 12 to 128
// arbitrary characters, not a common password or a repetition of one, without the username,
// not made of words of the site and the user, and one that withstands some guessing (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11 and
// 6.1.2: ownWords are the documented list).
func (s *Service) checkPassword(field, password string, username models.Username, email models.Email) error {
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
	if passwords.Guesses(folded, s.ownWords(email)) < passwords.FewGuesses {
		return problem.OnField(field, "This password is easy to guess. Add another word or two: years, names and rows of keys add little.")
	}
	if own := besides(folded, s.ownWords(email)); utf8.RuneCountInString(own) < minOwn {
		return problem.OnField(field, "This password is made of words that others guess first. "+
			"Add words that have nothing to do with you or this site.")
	}
	return nil
}

// ownWords are the words that somebody who guesses the password of a user with this email
// tries first: those of the site, of its address and of the email (OWASP ASVS 5.0, 6.1.2).
func (s *Service) ownWords(email models.Email) []string {
	policy := s.policy()
	text := strings.ToLower("cloakroom password login welcome files " + policy.Issuer + " " + policy.PublicURL + " " + string(email))
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	words = slices.DeleteFunc(words, func(word string) bool { return len(word) < minWord || word == "https" || word == "http" })
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// minWord is the shortest word of the site or the user that counts.
const minWord = 4

// besides returns the letters and digits of s that are in no word, without those that
// repeat the one before.
func besides(s string, words []string) string {
	for _, word := range words {
		s = strings.ReplaceAll(s, word, " ")
	}
	before := rune(0)
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == before {
			return -1
		}
		before = r
		return r
	}, s)
}

// repeated returns the shortest text that gives s when repeated; this may be s.
func repeated(s string) string {
	if i := strings.Index((s + s)[1:], s) + 1; i < len(s) {
		return s[:i]
	}
	return s
}
