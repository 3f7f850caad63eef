package site

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
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

// Feed handles GET /: public posts, newest first. Guests who ask for the same page in
// the same theme at the same time share one rendering; nothing is cached.
func (s *Site) Feed(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	frame := s.PublicFrame(c, "Feed")
	if gate.Visitor(c).SignedIn() || frame.Notice != "" {
		data, err := s.makeFeed(c.Request().Context(), frame, before)
		if err != nil {
			return err
		}
		data.Limits = s.UploadLimits(c)
		return s.Show(c, http.StatusOK, "feed", data)
	}
	ctx := context.WithoutCancel(c.Request().Context()) // other guests share the result
	html, err, _ := s.feedOnce.Do(string(frame.Theme)+" "+before.String(), func() (any, error) {
		data, err := s.makeFeed(ctx, frame, before)
		if err != nil {
			return nil, err
		}
		return s.Pages.Render("feed", data)
	})
	if err != nil {
		return err
	}
	return s.SendHTML(c, http.StatusOK, html.([]byte)) //nolint:forcetypeassert // the function above returns it
}

func (s *Site) makeFeed(ctx context.Context, frame page.Frame, before models.Cursor) (feedPage, error) {
	found, err := s.Posts.Feed(ctx, before, posts.PageSize)
	return feedPage{Frame: frame, List: postListOf(found, "/")}, err
}
