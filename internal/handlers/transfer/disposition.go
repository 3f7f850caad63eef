package transfer

import (
	"fmt"
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
	var plain, full strings.Builder
	for i, r := range name {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '"' || r == '\\' || r == '%' && isEscape(name[i:]) {
			r = '_'
		}
		plain.WriteRune(r)
	}
	for i := range len(name) {
		if b := name[i]; isAttrChar(b) {
			full.WriteByte(b)
		} else {
			fmt.Fprintf(&full, "%%%02X", b)
		}
	}
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, kind, plain.String(), full.String())
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
