package site

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/posts"
)

// feedPage is the page "feed". The field of its form, for users, is file (several).
type feedPage struct {
	page.Frame
	List     postList
	Limits   page.UploadLimits // of the form that shares files, which users see first
	Problems page.Problems     // none: the page of a new share shows them
}

// Parts implements web.Cacheable.
func (p feedPage) Parts() (name string, parts []any) { return p.List.Parts() }

// Shell implements web.Shelled.
func (p feedPage) Shell() (key any, ok bool) {
	frame, ok := p.Key()
	return feedShell{frame: frame, older: p.List.Older, limits: p.Limits, empty: len(p.List.Cards) == 0}, ok && len(p.Problems) == 0
}

type feedShell struct {
	frame  any
	older  string
	limits page.UploadLimits
	empty  bool
}

// Feed handles GET /: public posts, newest first. It is the page that is asked for most, so
// visitors who ask for the same part of it at the same time share one read.
func (s *Site) Feed(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.Request().Context()) // others share the result
	list, err := s.feeds.do(before.String(), func() (postList, error) {
		found, err := s.Posts.Feed(ctx, before, posts.PageSize)
		return postListOf(found, "/").shared(), err
	})
	if err != nil {
		return err
	}
	data := feedPage{Frame: s.PublicFrame(c, "Feed"), List: list}
	if data.User.SignedIn() {
		data.Limits = s.UploadLimits(c)
	}
	return s.Show(c, http.StatusOK, "feed", data)
}
