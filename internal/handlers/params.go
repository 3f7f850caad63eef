package handlers

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

// cleanParams gives a handler the parameters of an address as they were meant,
// and turns away what none of ours can look like: no database is asked for it,
// which may not even take its bytes. Echo leaves a parameter escaped where the
// address was escaped more than it had to be; it is unescaped once, here.
func cleanParams(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		names, values := c.ParamNames(), c.ParamValues()
		clean := make([]string, len(values))
		for i, value := range values {
			if c.Request().URL.RawPath != "" {
				unescaped, err := url.PathUnescape(value)
				if err != nil {
					return errNotFound()
				}
				value = unescaped
			}
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || names[i] == "id" && !models.IsID(value) {
				return errNotFound()
			}
			clean[i] = value
		}
		c.SetParamValues(clean...)
		return next(c)
	}
}

// readForm returns the fields of the form that c brings.
func readForm(c echo.Context) (url.Values, error) {
	form, err := c.FormParams()
	return form, errUnreadable(err)
}

// errUnreadable says of an error of reading a form that it is the sender's, not
// ours: what else it may be, a line that broke or a body too long, is told as
// that.
func errUnreadable(err error) error {
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil, tooLong, problem.All(err) != nil, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return errBodyTooLarge()
	}
	return problem.New(problem.Malformed, "This form could not be read.")
}

func errNotFound() error {
	return problem.New(problem.NotFound, "Page not found.")
}
