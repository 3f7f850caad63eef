package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// statuses says which HTTP status tells which kind of problem.
var statuses = map[problem.Kind]int{
	problem.Internal:        http.StatusInternalServerError,
	problem.Malformed:       http.StatusBadRequest,
	problem.Invalid:         http.StatusUnprocessableEntity,
	problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden:       http.StatusForbidden,
	problem.NotFound:        http.StatusNotFound,
	problem.Conflict:        http.StatusConflict,
	problem.TooLarge:        http.StatusRequestEntityTooLarge,
	problem.Unsupported:     http.StatusUnsupportedMediaType,
	problem.TooMany:         http.StatusTooManyRequests,
	problem.Unavailable:     http.StatusServiceUnavailable,
	problem.Misdirected:     http.StatusMisdirectedRequest,
	problem.Timeout:         http.StatusRequestTimeout,
}

// showProblem is where every error a handler returns ends up. Only a problem's
// message is shown; anything else is logged, and shown as our fault.
func (s *Server) showProblem(err error, c echo.Context) {
	found := classify(err)
	if found[0].Kind == problem.Internal {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error",
			slog.String("id", requestID(c)), slog.String("route", c.Path()), slog.Any("err", err))
	}
	if c.Response().Committed {
		return
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if wait := found[0].RetryIn; wait > 0 {
		h.Set(retryAfter, seconds(wait))
	}
	status := statusOf(err, found)
	if wantsJSON(c) {
		err = sendProblem(c, status, found)
	} else if s.onContentHost(c) { // it has neither styles nor sessions
		err = c.String(status, found[0].Message+"\n")
	} else {
		err = s.show(c, status, "problem", s.problemPage(c, status, found[0]))
	}
	if err != nil {
		s.Log.LogAttrs(c.Request().Context(), slog.LevelError, "problem page", slog.Any("err", err))
	}
}

func (s *Server) problemPage(c echo.Context, status int, found *problem.Error) problemPage {
	data := problemPage{
		page: s.page(c, http.StatusText(status)), Status: status, Message: found.Message, RetryIn: found.RetryIn, RequestID: requestID(c),
	}
	v := VisitOf(c)
	data.Confirm = v.Confirm
	if found.Kind == problem.TooMany {
		if v.Saved != nil {
			data.Kept = &savedForm{SavedForm: v.Saved, Limits: s.uploadLimits(c)}
		}
		if r := c.Request(); r.Method == http.MethodGet {
			data.Again = ownPath(r.URL.RequestURI())
		}
	}
	return data
}

// classify returns the problems err holds, at least one. It knows the errors
// of net/http and Echo that a visitor causes.
func classify(err error) []*problem.Error {
	if all := problem.All(err); len(all) > 0 {
		return all
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem.All(errBodyTooLarge())
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok && h.Code < http.StatusInternalServerError {
		if h.Code == http.StatusNotFound {
			return problem.All(errNotFound())
		}
		return []*problem.Error{problem.New(problem.Malformed, "%s.", http.StatusText(h.Code))}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return []*problem.Error{problem.New(problem.Timeout, "The request timed out because no data arrived.")}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return []*problem.Error{problem.New(problem.Malformed, "The request was interrupted. Send it again.")}
	}
	return []*problem.Error{problem.New(problem.Internal, "Something went wrong on our side.")}
}

// statusOf is the status that tells of found; Echo knows a few of its own.
func statusOf(err error, found []*problem.Error) int {
	if h, ok := errors.AsType[*echo.HTTPError](err); ok && found[0].Kind == problem.Malformed {
		return h.Code
	}
	return statuses[found[0].Kind]
}

// A problemJSON is a problem as RFC 9457 writes it, with a list of all fields
// that are at fault.
type problemJSON struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Field  string         `json:"field,omitempty"`
	Errors []fieldMessage `json:"errors,omitempty"`
	ID     string         `json:"request_id,omitempty"`
}

type fieldMessage struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// sendProblem answers with application/problem+json.
func sendProblem(c echo.Context, status int, found []*problem.Error) error {
	doc := problemJSON{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: found[0].Message, Field: found[0].Field, ID: requestID(c),
	}
	for _, p := range found {
		if p.Field != "" {
			doc.Errors = append(doc.Errors, fieldMessage{p.Field, p.Message})
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("writing the problem: %w", err)
	}
	return c.Blob(status, "application/problem+json", body)
}

// wantsJSON reports whether a program asks: the API, or a script of a page.
func wantsJSON(c echo.Context) bool {
	r := c.Request()
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "application/json")
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }
