package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// userShowPage is the page "user_show".
type userShowPage struct {
	page.Frame
	Profile models.User // the user whose profile this is
	List    postList
}

// Parts implements web.Cacheable.
func (p userShowPage) Parts() (name string, parts []any) { return p.List.Parts() }

// Own reports whether the viewer looks at their own profile.
func (p userShowPage) Own() bool { return p.User.ID == p.Profile.ID }

// UserShow handles GET /users/:username: a user's profile and posts.
func (s *Site) UserShow(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	user, err := s.Accounts.PublicUser(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	found, err := s.Posts.By(ctx, user.ID, gate.Visitor(c), before, posts.PageSize)
	if err != nil {
		return err
	}
	name := string(user.Username)
	list, err := s.postList(c, found, "/users/"+name)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "user_show", userShowPage{s.PublicFrame(c, name), user, list})
}
