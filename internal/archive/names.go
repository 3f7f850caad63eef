package archive

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name of a member, in bytes: the limit of the common
// filesystems.
const maxName = 255

// CleanName returns name as a file name that is safe to extract on every common
// system: without separators, drives, control and format characters such as those of
// bidirectional text, and unlike the names that Windows reserves. It is never empty
// and at most 255 bytes long.
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r), unicode.Is(unicode.Co, r):
			return '_'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		}
		return r
	}, name)
	name = trim(name)
	if isReserved(name) {
		name = "_" + name
	}
	return shorten(name, maxName)
}

// trim removes what Windows drops at the end of a name, and spaces at its start. It
// returns "file" if nothing is left, so that no name is "." or "..".
func trim(name string) string {
	name = strings.TrimLeftFunc(name, unicode.IsSpace)
	name = strings.TrimRightFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if name == "" {
		return "file"
	}
	return name
}

// isReserved reports whether Windows opens a device by that name, with any extension.
func isReserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRightFunc(stem, unicode.IsSpace))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	number, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		number, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}

// shorten cuts the stem of name so that it has at most most bytes, and keeps a short
// extension.
func shorten(name string, most int) string {
	if len(name) <= most {
		return name
	}
	stem, ext := split(name)
	if len(ext) > most/2 {
		stem, ext = name, ""
	}
	cut := most - len(ext)
	for cut > 0 && !utf8.RuneStart(stem[cut]) {
		cut--
	}
	return trim(stem[:cut]) + ext
}

// split splits name before its last extension.
func split(name string) (stem, ext string) {
	ext = path.Ext(name)
	if ext == name {
		return name, ""
	}
	return strings.TrimSuffix(name, ext), ext
}

// uniqueNames cleans names and numbers those that differ from an earlier one in case
// only, or not at all: "a.txt" and "A (2).txt".
func uniqueNames(names []string) []string {
	fold := cases.Fold()
	taken := make(map[string]bool, len(names))
	last := make(map[string]int) // number, by the folded name without it
	unique := make([]string, len(names))
	for i, name := range names {
		name = CleanName(name)
		stem, ext := split(name)
		plain := fold.String(name)
		n := last[plain]
		for candidate := name; ; {
			if n++; n > 1 {
				number := fmt.Sprintf(" (%d)", n)
				candidate = shorten(stem, maxName-len(number)-len(ext)) + number + ext
			}
			if key := norm.NFC.String(fold.String(candidate)); !taken[key] {
				taken[key], unique[i] = true, candidate
				break
			}
		}
		last[plain] = n
	}
	return unique
}
