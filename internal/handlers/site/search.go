package site

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// searchPage is the page "search". The query is page.Query.
type searchPage struct {
	page.Frame
	List     postList
	Problems page.Problems // at the field q
}

// Parts implements web.Cacheable.
func (p searchPage) Parts() (name string, parts []any) { return p.List.Parts() }

// Search handles GET /search: posts that match a query.
func (s *Site) Search(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	query := c.QueryParam("q")
	data := searchPage{Frame: s.Frame(c, "Search")}
	if !utf8.ValidString(query) || utf8.RuneCountInString(query) > posts.MaxQuery {
		data.Problems = page.Problems{problem.New(problem.Invalid, "Enter a few words to search for, up to %d characters.", posts.MaxQuery)}
		return s.Show(c, http.StatusUnprocessableEntity, "search", data)
	}
	data.Query = query
	found, err := s.Posts.Search(c.Request().Context(), gate.Visitor(c), query, before, posts.PageSize)
	if err != nil {
		return err
	}
	data.List, err = s.postList(c, found, "/search?q="+url.QueryEscape(query)+"&")
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "search", data)
}
