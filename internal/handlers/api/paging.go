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

// Numbers of items of a page of a list.
const (
	pageSize    = 20
	maxPageSize = 100
)

// A listJSON is a page of a list.
type listJSON[T any] struct {
	Items []T `json:"items"`
}

// A paging names a page of a list.
type paging struct {
	field  string // of the query: "before" in lists with the newest first, "after" in others
	cursor models.Cursor
	limit  int
}

// readPaging reads the paging from the query of c, with the cursor in field.
func readPaging(c echo.Context, field string) (place paging, err error) {
	place.field = field
	if place.limit, err = pageLimit(c); err != nil {
		return place, err
	}
	place.cursor, err = gate.CursorParam(c, field)
	return place, err
}

// pageLimit returns the requested number of items of a page.
func pageLimit(c echo.Context) (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return pageSize, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxPageSize {
		return 0, problem.OnField("limit", "Must be from 1 to %d.", maxPageSize)
	}
	return limit, nil
}

// sendList answers with a page of the list at path, and with the URL of the next page in
// the header Link (RFC 8288). query has the parameters beside the paging.
func sendList[T, U any](
	a *API, c echo.Context, path string, query url.Values, place paging, page models.Page[T], item func(T) U,
) error {
	a.linkNext(c, path, query, place.field, page.Next.String(), place.limit)
	return sendJSON(c, http.StatusOK, listJSON[U]{itemsOf(page.Items, item)})
}

// linkNext sets the header Link to the next page, unless next is "".
func (a *API) linkNext(c echo.Context, path string, query url.Values, field, next string, limit int) {
	if next == "" {
		return
	}
	all := url.Values{"limit": {strconv.Itoa(limit)}, field: {next}}
	for name, values := range query {
		all[name] = values
	}
	c.Response().Header().Set("Link", "<"+a.apiURL(path)+"?"+all.Encode()+`>; rel="next"`)
}

// itemsOf returns the result of item for each of items. It is never nil, so that JSON
// has a list.
func itemsOf[T, U any](items []T, item func(T) U) []U {
	out := make([]U, len(items))
	for i := range items {
		out[i] = item(items[i])
	}
	return out
}

// apiURL returns the URL of a path of the API, which must be escaped.
func (a *API) apiURL(path string) string { return a.Options.PublicURL + gate.APIPrefix + path }
