package gate

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// The bounds of a request.
const (
	MaxURL     = 8 << 10 // bytes; RFC 9110, 4.1, recommends at least 8000
	maxHeaders = 100     // lines; net/http counts only their bytes
	maxFields  = 100     // of a query, and of a form without files
)

// LimitRequest rejects requests with a longer URL, more headers or more query
// parameters than any page of this site sends.
func LimitRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		lines := 0
		for _, values := range r.Header {
			lines += len(values)
		}
		switch {
		case len(r.RequestURI) > MaxURL:
			return withStatus(http.StatusRequestURITooLong, "This URL is too long.")
		case lines > maxHeaders:
			return withStatus(http.StatusRequestHeaderFieldsTooLarge, "This request has too many headers.")
		case strings.Count(r.URL.RawQuery, "&") >= maxFields:
			return withStatus(http.StatusBadRequest, "This URL has too many parameters.")
		}
		return next(c)
	}
}

// CloseAmbiguous ends the connection after requests whose end two servers could
// understand differently: those with Transfer-Encoding, because net/http hides whether
// a Content-Length came with it, and those of HTTP/1.0, for which it hides both
// (RFC 9112, 6.1). What follows on the connection is never read as a request.
func CloseAmbiguous(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			c.Response().Header().Set("Connection", "close")
		}
		return next(c)
	}
}

// withStatus returns a Malformed problem with its own HTTP status.
func withStatus(status int, message string) error {
	return &echo.HTTPError{Code: status, Internal: problem.New(problem.Malformed, "%s", message)}
}

// LimitFields rejects forms with more than maxFields fields. Forms with files count
// their parts as they are read.
func LimitFields(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		// net/http also reads forms whose media type has invalid parameters.
		mediaType, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
		if mediaType == echo.MIMEApplicationForm {
			SetBody(c, &fieldCounter{ReadCloser: r.Body})
		}
		return next(c)
	}
}

// A fieldCounter is the body of a URL-encoded form that may have maxFields fields.
type fieldCounter struct {
	io.ReadCloser
	ended int // fields that were read
}

// Read implements io.Reader.
func (f *fieldCounter) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if f.ended += bytes.Count(p[:n], []byte("&")); f.ended >= maxFields {
		return 0, problem.New(problem.TooLarge, "This form has more than %d fields.", maxFields)
	}
	return n, err
}
