package api

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Lengths of a page of a list, in items.
const (
	pageSize       = 20
	maxAPIPageSize = 100
)

// An listJSON is one page of a list.
type listJSON[T any] struct {
	Items []T `json:"items"`
}

// paging is where in a list somebody wants to read.
type paging struct {
	field  string // "before" in lists that go back in time, "after" in others
	cursor models.Cursor
	limit  int
}

// readPaging reads the place in a list from the query of c.
func readPaging(c echo.Context, field string) (place paging, err error) {
	place.field = field
	if place.limit, err = pageLimit(c); err != nil {
		return place, err
	}
	place.cursor, err = gate.CursorParam(c, field)
	return place, err
}

// pageLimit returns how many items a page shall have.
func pageLimit(c echo.Context) (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return pageSize, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxAPIPageSize {
		return 0, problem.OnField("limit", "Must be from 1 to %d.", maxAPIPageSize)
	}
	return limit, nil
}

// sendList answers with a page of a list at path, and with the address of the
// next one in a Link header (RFC 8288). query is what the list was asked for
// beside its place.
func sendList[T, U any](s *API, c echo.Context, path string, query url.Values, place paging, page models.Page[T], item func(T) U) error {
	s.linkNext(c, path, query, place.field, page.Next.String(), place.limit)
	return sendJSON(c, http.StatusOK, listJSON[U]{itemsOf(page.Items, item)})
}

// linkNext names the page that follows, if next says that there is one.
func (a *API) linkNext(c echo.Context, path string, query url.Values, field, next string, limit int) {
	if next == "" {
		return
	}
	all := url.Values{"limit": {strconv.Itoa(limit)}, field: {next}}
	for name, values := range query {
		all[name] = values
	}
	c.Response().Header().Set("Link", "<"+a.uRL(path)+"?"+all.Encode()+`>; rel="next"`)
}

// itemsOf returns what item makes of each of items: a list, if an empty one.
func itemsOf[T, U any](items []T, item func(T) U) []U {
	made := make([]U, len(items))
	for i := range items {
		made[i] = item(items[i])
	}
	return made
}

// uRL returns the whole address of a path of the API, which must be escaped.
func (a *API) uRL(path string) string { return a.Options.PublicURL + gate.APIPrefix + path }
