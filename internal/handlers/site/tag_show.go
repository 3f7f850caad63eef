package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// tagShowPage is the page "tag_show".
type tagShowPage struct {
	page.Frame
	Tag  models.Tag
	List postList
}

// Parts implements web.Cacheable.
func (p tagShowPage) Parts() (name string, parts []any) { return p.List.Parts() }

// TagShow handles GET /tags/:tag: public posts with a tag, newest first.
func (s *Site) TagShow(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	tag, err := models.ParseTag(c.Param("tag"))
	if err != nil {
		return problem.New(problem.NotFound, "Tag not found.")
	}
	found, err := s.Posts.WithTag(c.Request().Context(), tag, before, posts.PageSize)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "tag_show", tagShowPage{s.PublicFrame(c, "#"+string(tag)), tag, postListOf(found, tag.Path())})
}
