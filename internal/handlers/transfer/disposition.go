package transfer

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Disposition returns a value of Content-Disposition (RFC 6266) with the type kind and
// a file name, twice: as RFC 8187 encodes it, which browsers prefer, and in UTF-8 for
// programs that only read that, such as curl -OJ, without what some take for an escape
// (RFC 6266, appendix D). No name can end the header or add a parameter.
func Disposition(kind, name string) string {
	const hex = "0123456789ABCDEF"
	text := append(make([]byte, 0, len(kind)+4*len(name)+40), kind...)
	text = append(text, `; filename="`...)
	for i, r := range name {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '"' || r == '\\' || r == '%' && isEscape(name[i:]) {
			r = '_'
		}
		text = utf8.AppendRune(text, r)
	}
	text = append(text, `"; filename*=UTF-8''`...)
	for i := range len(name) {
		if b := name[i]; isAttrChar(b) {
			text = append(text, b)
		} else {
			text = append(text, '%', hex[b>>4], hex[b&15])
		}
	}
	return string(text)
}

// isEscape reports whether s begins as a percent-encoded byte.
func isEscape(s string) bool {
	_, err := strconv.ParseUint(s[1:min(3, len(s))], 16, 8)
	return err == nil && len(s) >= 3
}

// isAttrChar reports whether b needs no escape in an extended value (RFC 8187, 3.2.1).
func isAttrChar(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0
}
