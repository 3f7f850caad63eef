package accounts

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go/data"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// commonest is how many of the most used passwords are refused.
const commonest = 10_000

// commonPasswords reads the list of the most used passwords, once.
var commonPasswords = sync.OnceValues(func() (map[string]bool, error) {
	raw, err := data.Asset("data/Passwords.json")
	if err != nil {
		return nil, fmt.Errorf("finding the common passwords: %w", err)
	}
	var ranked struct{ List []string }
	if err := json.Unmarshal(raw, &ranked); err != nil {
		return nil, fmt.Errorf("reading the common passwords: %w", err)
	}
	common := make(map[string]bool, commonest)
	for _, password := range ranked.List[:min(commonest, len(ranked.List))] {
		common[password] = true
	}
	return common, nil
})

// checkPassword judges a new password at field: 12 to 128 characters, any of
// them, none of the ten thousand commonest, alone or repeated, and not built
// from the user's own name (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.11).
func checkPassword(field, password string, username models.Username) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return problem.OnField(field, "The password holds characters that are not text.")
	case n < models.MinPassword:
		return problem.OnField(field, "A password has at least %d characters. A few words in a row are easy to keep in mind.", models.MinPassword)
	case n > models.MaxPassword:
		return problem.OnField(field, "A password has at most %d characters.", models.MaxPassword)
	}
	folded := strings.ToLower(password)
	if username != "" && strings.Contains(folded, username.Key()) {
		return problem.OnField(field, "The password may not hold your username.")
	}
	common, err := commonPasswords()
	if err != nil {
		return err
	}
	if common[folded] || common[repeated(folded)] || repeated(folded) == folded[:1] {
		return problem.OnField(field, "That password is among the first an attacker would try. Choose another.")
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
