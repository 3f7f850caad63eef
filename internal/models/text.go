package models

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isMark reports whether r is an invisible mark that changes the direction of the text
// around it, or a byte order mark. Phones put them around numbers and names that are
// copied, and they would let one name imitate another (Unicode TR36, 3.2), so that they
// are dropped. Joiners stay: Persian and emoji need them.
func isMark(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}

// dropMarks returns s without invisible marks.
func dropMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, s)
}

// lineBreaks are the line breaks of forms, spreadsheets and Unicode.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n\n")

// normalizeText returns the text s without invisible marks, with "\n" for every line break,
// and without space around it. A text of invisible characters alone becomes empty.
func normalizeText(s string) string {
	if !utf8.ValidString(s) {
		return s // for isText to refuse
	}
	return seen(strings.TrimSpace(lineBreaks.Replace(dropMarks(s))))
}

// normalizeLine returns the line s without invisible marks and space around it. A line of
// invisible characters alone becomes empty.
func normalizeLine(s string) string {
	if !utf8.ValidString(s) {
		return s // for isLine to refuse
	}
	return seen(strings.TrimSpace(dropMarks(s)))
}

// seen returns s, or "" if none of its characters can be seen.
func seen(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.IsGraphic(r) && !unicode.IsSpace(r) && !strings.ContainsRune(blanks, r)
	}) {
		return s
	}
	return ""
}

// blanks are the letters and symbols that leave no ink.
const blanks = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"

// isText reports whether s is valid multi-line text: UTF-8 without control characters
// other than newline and tab.
func isText(s string) bool {
	_, at := controlIn(s)
	return utf8.ValidString(s) && at == 0
}

// controlIn returns the first character of s that texts cannot have, and its place,
// counted from 1; or 0.
func controlIn(s string) (r rune, at int) {
	for _, r := range s {
		at++
		if r != '\n' && r != '\t' && unsafeRune(r) {
			return r, at
		}
	}
	return 0, 0
}

// isLine reports whether s is valid single-line text.
func isLine(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unsafeRune) }

// unsafeRune reports whether r is a control character, a line break or an invisible mark.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || isMark(r) || r == '\u2028' || r == '\u2029'
}
