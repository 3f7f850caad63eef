package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// An authorJSON is the author of a post or comment.
type authorJSON struct {
	Username  string `json:"username"`
	AvatarURL string `json:"avatar_url,omitempty"`
	URL       string `json:"url"`
}

// A profileJSON is a user as everyone sees them.
type profileJSON struct {
	authorJSON
	Role      string    `json:"role"`
	Website   string    `json:"website"`
	Bio       string    `json:"bio"`
	CreatedAt time.Time `json:"created_at"`
}

// authorOf returns u as the author of a post or comment.
func (a *API) authorOf(u models.User) authorJSON {
	out := authorJSON{Username: string(u.Username), URL: a.Options.PublicURL + "/users/" + string(u.Username)}
	if path := page.AvatarURL(u); path != "" {
		out.AvatarURL = a.Options.PublicURL + path
	}
	return out
}

// profileOf returns u as everyone sees it.
func (a *API) profileOf(u models.User) profileJSON {
	return profileJSON{
		authorJSON: a.authorOf(u), Role: string(u.Role), Website: string(u.Website), Bio: string(u.Bio), CreatedAt: u.CreatedAt.UTC(),
	}
}

// userParam returns the user that the path names, or a NotFound problem.
func (a *API) userParam(c echo.Context) (models.User, error) {
	name := c.Param("username")
	if _, err := models.ParseUsername(name); err != nil {
		return models.User{}, problem.New(problem.NotFound, "User not found.")
	}
	return a.Accounts.PublicUser(c.Request().Context(), name)
}

// UserShow handles GET /api/v1/users/:username.
func (a *API) UserShow(c echo.Context) error {
	user, err := a.userParam(c)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.profileOf(user))
}

// UserPosts handles GET /api/v1/users/:username/posts.
func (a *API) UserPosts(c echo.Context) error {
	user, err := a.userParam(c)
	if err != nil {
		return err
	}
	return a.sendPosts(c, "/users/"+string(user.Username)+"/posts", url.Values{}, func(place paging) (posts.Posts, error) {
		return a.Posts.By(c.Request().Context(), user.ID, gate.Visitor(c), place.cursor, place.limit)
	})
}
