package transfer

import (
	"fmt"
	"strings"
)

// Disposition returns a value of Content-Disposition (RFC 6266) with the type kind and
// a file name: in ASCII for old clients, and in full as RFC 8187 encodes it. No name
// can end the header or add a parameter.
func Disposition(kind, name string) string {
	var plain, full strings.Builder
	for _, r := range name {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
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

// isAttrChar reports whether b needs no escape in an extended value (RFC 8187, 3.2.1).
func isAttrChar(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0
}
