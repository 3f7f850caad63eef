package models

import (
	"regexp"
	"strings"
)

// A Mention is a username with an @ before it, and where it is in its text.
type Mention struct {
	Name       Username
	Start, End int // of the @ and the name, in bytes
}

// mention matches @name where no email address or URL can contain it. The name is
// checked by ParseUsername.
var mention = regexp.MustCompile(`(?:^|[^\pL\pN_@/.+-])@([A-Za-z0-9_]+)`)

// Mentions returns what text mentions as @name. It does not say whether such users exist.
func Mentions(text string) (found []Mention) {
	if !strings.Contains(text, "@") {
		return nil
	}
	for _, at := range mention.FindAllStringSubmatchIndex(text, -1) {
		if name, err := ParseUsername(text[at[2]:at[3]]); err == nil && !strings.HasPrefix(text[at[3]:], "@") {
			found = append(found, Mention{name, at[2] - 1, at[3]})
		}
	}
	return found
}
