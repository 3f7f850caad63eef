package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
)

// Show sends the page called name with the given status. Typed values can be invalid
// UTF-8, so it replaces invalid bytes.
func (re *Renderer) Show(c echo.Context, status int, name string, data any) error {
	return re.Pages.With(name, data, func(html []byte) error {
		if !utf8.Valid(html) {
			html = bytes.ToValidUTF8(html, []byte("\uFFFD"))
		}
		return re.SendHTML(c, status, html)
	})
}

// SendHTML sends a rendered page. A page that has no secret has an entity tag, so that
// a browser that has it already gets 304, and is compressed. The others are not: the
// length of a compressed page tells what it repeats (BREACH, CVE-2013-3587).
func (re *Renderer) SendHTML(c echo.Context, status int, html []byte) error {
	if status == http.StatusOK && gate.HasNoSecret(c) && c.Response().Header().Get("Cache-Control") != noStore {
		return re.SendPublic(c, echo.MIMETextHTMLCharsetUTF8, html)
	}
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(html)))
	return c.HTMLBlob(status, html)
}

// noStore is the value of Cache-Control for a page that is shown once, such as one with a
// notice.
const noStore = "no-store"

// SendPublic sends a text that every guest gets, with an entity tag, and compressed.
func (re *Renderer) SendPublic(c echo.Context, mediaType string, text []byte) error {
	r, h := c.Request(), c.Response().Header()
	sum := sha256.Sum256(text)
	// It is weak, because it is the same for both codings (RFC 9110, 8.8.1).
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", tag)
	h.Add("Vary", echo.HeaderAcceptEncoding)
	if matches(r.Header.Values("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	if AcceptsCoding(r.Header.Values(echo.HeaderAcceptEncoding), "gzip") {
		h.Set(echo.HeaderContentEncoding, "gzip")
		text = re.squeezed.of(sum, text)
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(text)))
	return c.Blob(http.StatusOK, mediaType, text)
}

// matches reports whether one of the entity tags in values is tag, by the weak comparison
// (RFC 9110, 8.8.3.2 and 13.1.2).
func matches(values []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, value := range values {
		for one := range strings.SplitSeq(value, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == opaque {
				return true
			}
		}
	}
	return false
}

// AcceptsCoding reports whether a client that sends values as its Accept-Encoding takes
// that content coding (RFC 9110, 12.5.3). What it does not name, it does not get.
func AcceptsCoding(values []string, coding string) bool {
	for _, value := range values {
		for one := range strings.SplitSeq(value, ",") {
			name, parameter, _ := strings.Cut(one, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			key, weight, found := strings.Cut(strings.TrimSpace(parameter), "=")
			if !found || !strings.EqualFold(strings.TrimSpace(key), "q") {
				return strings.TrimSpace(parameter) == ""
			}
			q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
			return err == nil && q > 0 && q <= 1
		}
	}
	return false
}

// squeezedPages are recently sent pages, compressed, by their SHA-256: guests get the same
// few pages again and again. They are kept in two generations, as fragments are: when the
// younger is full it becomes the older, and the older is dropped.
type squeezedPages struct {
	mu             sync.Mutex
	younger, older map[[sha256.Size]byte][]byte
}

// The bounds of a generation: pages, each of up to squeezedPageKept bytes compressed. Larger
// ones, such as previews of texts, are compressed each time they are sent.
const (
	squeezedPagesKept = 64
	squeezedPageKept  = 32 << 10
)

// of returns the page with that sum, compressed.
func (p *squeezedPages) of(sum [sha256.Size]byte, html []byte) []byte {
	p.mu.Lock()
	small, ok := p.younger[sum]
	if !ok {
		small, ok = p.older[sum]
	}
	p.mu.Unlock()
	if ok {
		return small
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(html) // a buffer never fails
	_ = w.Close()
	small = out.Bytes()
	if len(small) > squeezedPageKept {
		return small
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.younger == nil || len(p.younger) >= squeezedPagesKept {
		p.older, p.younger = p.younger, make(map[[sha256.Size]byte][]byte, squeezedPagesKept)
	}
	p.younger[sum] = small
	return small
}
