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

const (
	MaxAddress = 8 << 10 // bytes; RFC 9110, 4.1, wants 8000 to be taken
	maxHeaders = 100     // lines; net/http counts only their bytes
	maxFields  = 100     // of an address, and of a form without files
)

// LimitRequest refuses a request that has more of anything than one of ours can
// have, before anyone looks at it.
func LimitRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		lines := 0
		for _, values := range r.Header {
			lines += len(values)
		}
		switch {
		case len(r.RequestURI) > MaxAddress:
			return withStatus(http.StatusRequestURITooLong, "This URL is too long.")
		case lines > maxHeaders:
			return withStatus(http.StatusRequestHeaderFieldsTooLarge, "This request has too many headers.")
		case strings.Count(r.URL.RawQuery, "&") >= maxFields:
			return withStatus(http.StatusBadRequest, "This URL has too many parameters.")
		}
		return next(c)
	}
}

// withStatus is a problem that has a status of its own in HTTP.
func withStatus(status int, message string) error {
	return &echo.HTTPError{Code: status, Internal: problem.New(problem.Malformed, "%s", message)}
}

// LimitFields ends the reading of a form that has too many fields. A form with
// files is counted as its parts are read.
func LimitFields(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		// A mistake in its parameters does not keep net/http from reading it.
		mediaType, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
		if mediaType == echo.MIMEApplicationForm {
			SetBody(c, &fieldCounter{ReadCloser: r.Body})
		}
		return next(c)
	}
}

// A fieldCounter is an urlencoded form.
type fieldCounter struct {
	io.ReadCloser
	ended int // fields
}

func (f *fieldCounter) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if f.ended += bytes.Count(p[:n], []byte("&")); f.ended >= maxFields {
		return 0, problem.New(problem.TooLarge, "This form has more than %d fields.", maxFields)
	}
	return n, err
}
