package gate

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
)

// RetryAfter is the name of the header that says how many seconds to wait.
const RetryAfter = "Retry-After"

// maxInteger is the largest number of a structured field (RFC 9651, 3.3.1).
const maxInteger = 999_999_999_999_999

// SetLimitHeaders sets the headers that say how much of their limits the visitor has
// left, in the windows more and all windows of earlier calls for this request:
//
//	RateLimit-Policy: "upload-minute";q=100;w=60, "upload-hour";q=1000;w=3600
//	RateLimit: "upload-minute";r=50;t=30, "upload-hour";r=950;t=1800
//
// (draft-ietf-httpapi-ratelimit-headers-10). For older clients, X-RateLimit has the
// tightest window.
func (g *Gate) SetLimitHeaders(c echo.Context, more []limits.Window) {
	v := VisitOf(c)
	all := append(v.windows[:len(v.windows):len(v.windows)], more...)
	if len(all) == 0 {
		return
	}
	v.windows = all
	// The values are written one behind the other, and then are parts of one string.
	text, ends := make([]byte, 0, 64*(len(all)+1)), [len(limitHeaders)]int{}
	for i, w := range all {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendInteger(append(appendString(text, w.Name), ";q="...), w.Limit)
		if w.Period >= time.Second {
			text = appendInteger(append(text, ";w="...), int64(w.Period/time.Second))
		}
	}
	ends[0] = len(text)
	for i, w := range all {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendInteger(append(appendString(text, w.Name), ";r="...), w.Remaining)
		text = appendInteger(append(text, ";t="...), int64(WholeSeconds(w.ResetIn)))
	}
	ends[1] = len(text)
	tight := tightest(all)
	for i, n := range [...]int64{tight.Limit, tight.Remaining, g.Now().Unix() + int64(WholeSeconds(tight.ResetIn))} {
		text = strconv.AppendInt(text, n, 10)
		ends[2+i] = len(text)
	}
	var values [len(limitHeaders)]string
	written, from := string(text), 0
	for i, end := range ends {
		values[i], from = written[from:end], end
	}
	h := c.Response().Header()
	for i, name := range limitHeaders {
		h[name] = values[i : i+1 : i+1]
	}
}

// limitHeaders are the headers that SetLimitHeaders sets, in the spelling of http.Header.
var limitHeaders = [...]string{"Ratelimit-Policy", "Ratelimit", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"}

// tightest returns the window with the smallest fraction left, and the longest of
// several such windows.
func tightest(all []limits.Window) limits.Window {
	least := all[0]
	for _, w := range all[1:] {
		left, lowest := leftOf(w), leftOf(least)
		if left < lowest || left == lowest && w.Period > least.Period {
			least = w
		}
	}
	return least
}

// leftOf returns the fraction of w that is left.
func leftOf(w limits.Window) float64 { return float64(w.Remaining) / float64(max(w.Limit, 1)) }

// appendString appends s as a String of a structured field (RFC 9651, 4.1.6). A
// question mark replaces characters that such a string cannot hold.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r < ' ' || r > '~':
			r = '?'
		case r == '"' || r == '\\':
			b = append(b, '\\')
		}
		b = append(b, byte(r))
	}
	return append(b, '"')
}

// appendInteger appends n as an Integer of a structured field, from 0 to maxInteger.
func appendInteger(b []byte, n int64) []byte {
	return strconv.AppendInt(b, min(max(n, 0), maxInteger), 10)
}

// WholeSeconds returns d in seconds, rounded up.
func WholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Seconds returns d as a value of the header Retry-After.
func Seconds(d time.Duration) string { return strconv.Itoa(WholeSeconds(d)) }
