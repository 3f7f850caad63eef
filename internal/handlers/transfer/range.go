package transfer

import (
	"fmt"
	"net/http"
	"strings"
)

// withRange returns r with its Range as http.ServeContent understands it. That takes the
// name of the unit by its letters only, refuses other units, which must be ignored, and
// serves the last 0 bytes, which cannot be satisfied (RFC 9110, 14.1 and 14.2). The size is
// that of the content.
func withRange(r *http.Request, size int64) *http.Request {
	header := r.Header.Get("Range")
	if header == "" {
		return r
	}
	changed := r.WithContext(r.Context())
	changed.Header = r.Header.Clone()
	unit, set, found := strings.Cut(header, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		changed.Header.Del("Range")
		return changed
	}
	var kept []string
	for one := range strings.SplitSeq(set, ",") {
		if one = strings.TrimSpace(one); !isEmptySuffix(one) {
			kept = append(kept, one)
		}
	}
	if len(kept) == 0 { // the first byte after the content cannot be satisfied either
		kept = []string{fmt.Sprintf("%d-", size)}
	}
	changed.Header.Set("Range", "bytes="+strings.Join(kept, ","))
	return changed
}

// isEmptySuffix reports whether a range is of the last 0 bytes.
func isEmptySuffix(one string) bool {
	digits, found := strings.CutPrefix(one, "-")
	return found && digits != "" && strings.Trim(digits, "0") == ""
}
