package gate

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// before reads the place in a list that an address names in the given field.
func CursorParam(c echo.Context, field string) (models.Cursor, error) {
	cursor, err := models.ParseCursor(c.QueryParam(field))
	return cursor, problem.At(field, err)
}

// CleanParams gives a handler the parameters of an address as they were meant,
// and turns away what none of ours can look like: no database is asked for it,
// which may not even take its bytes. Echo leaves a parameter escaped where the
// address was escaped more than it had to be; it is unescaped once, here.
func CleanParams(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		names, values := c.ParamNames(), c.ParamValues()
		clean := make([]string, len(values))
		for i, value := range values {
			if c.Request().URL.RawPath != "" {
				unescaped, err := url.PathUnescape(value)
				if err != nil {
					return ErrNotFound()
				}
				value = unescaped
			}
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || names[i] == "id" && !models.IsID(value) {
				return ErrNotFound()
			}
			clean[i] = value
		}
		c.SetParamValues(clean...)
		return next(c)
	}
}

// ReadForm returns the fields of the form that c brings.
func ReadForm(c echo.Context) (url.Values, error) {
	form, err := c.FormParams()
	return form, ErrUnreadable(err)
}

// ErrUnreadable says of an error of reading a form that it is the sender's, not
// ours: what else it may be, a line that broke or a body too long, is told as
// that.
func ErrUnreadable(err error) error {
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil, tooLong, problem.All(err) != nil, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return ErrBodyTooLarge()
	}
	return problem.New(problem.Malformed, "This form could not be read.")
}

func ErrNotFound() error {
	return problem.New(problem.NotFound, "Page not found.")
}

// WantsJSON reports whether a program asks: the API, or a script of a page.
func WantsJSON(c echo.Context) bool {
	r := c.Request()
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "application/json")
}

func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// SubjectIn returns what the address names.
func SubjectIn(c echo.Context) (models.Subject, error) {
	what, ok := models.ParseSubject(c.Param("kind") + ":" + c.Param("id"))
	if !ok {
		return what, problem.New(problem.NotFound, "Not found.")
	}
	return what, nil
}
