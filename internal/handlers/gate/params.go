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

// CursorParam returns the cursor in the named query parameter, or a problem at that
// field.
func CursorParam(c echo.Context, field string) (models.Cursor, error) {
	cursor, err := models.ParseCursor(c.QueryParam(field))
	return cursor, problem.At(field, err)
}

// CleanParams unescapes path parameters and answers 404 for malformed ones, so that
// no query has to. Echo leaves a parameter escaped if the URL has more escapes than
// it needs, so CleanParams unescapes those once.
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

// DropQuery removes the query from the URL of requests that change something by their
// body, so that no handler can take a field from it: a secret in a URL would be in logs
// and histories (OWASP ASVS 14.2.1).
func DropQuery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch r := c.Request(); r.Method {
		case http.MethodPost, http.MethodPatch:
			r.URL.RawQuery = ""
		}
		return next(c)
	}
}

// ReadForm returns the fields of a form without files, or a problem. What is in the query
// is no field: a secret in a URL would be in logs and histories (OWASP ASVS 14.2.1).
func ReadForm(c echo.Context) (url.Values, error) {
	_, err := c.FormParams()
	form := c.Request().PostForm
	if multipart := c.Request().MultipartForm; multipart != nil {
		form = multipart.Value
	}
	if form == nil {
		form = url.Values{}
	}
	return form, ErrUnreadable(err)
}

// ErrUnreadable returns err, an error of reading a form, as a Malformed problem.
// It keeps errors that say more: problems, bodies over their limit, interrupted
// requests and timeouts.
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

// ErrNotFound returns the problem of a path that does not exist.
func ErrNotFound() error {
	return problem.New(problem.NotFound, "Page not found.")
}

// WantsJSON reports whether the client expects JSON: a client of the API, or a
// script of a page.
func WantsJSON(c echo.Context) bool {
	r := c.Request()
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "application/json")
}

// upPath and requestPath begin the paths of the routes for curl -T, which answer with text.
const (
	upPath      = "/up/"
	requestPath = "/r/"
)

// WantsText reports whether the client expects a line of text: a client of the route for
// curl -T, unless it accepts JSON, and any that accepts text/plain and not JSON.
func WantsText(c echo.Context) bool {
	accept := c.Request().Header.Get("Accept")
	if strings.Contains(accept, "application/json") {
		return false
	}
	return forTerminals(c) || strings.Contains(accept, "text/plain")
}

// forTerminals reports whether the route answers programs that show people what they
// get, errors too.
func forTerminals(c echo.Context) bool {
	return strings.HasPrefix(c.Path(), upPath) || c.Request().Method == http.MethodPut && strings.HasPrefix(c.Path(), requestPath)
}

// WantsProblemText reports whether an error must be text too.
func WantsProblemText(c echo.Context) bool { return forTerminals(c) && WantsText(c) }

// RequestID returns the ID that LogRequest gave the request.
func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// SubjectParam returns the subject that the path parameters kind and id name, or a
// NotFound problem.
func SubjectParam(c echo.Context) (models.Subject, error) {
	subject, ok := models.ParseSubject(c.Param("kind") + ":" + c.Param("id"))
	if !ok {
		return subject, problem.New(problem.NotFound, "Not found.")
	}
	return subject, nil
}
