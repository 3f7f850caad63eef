package handlers

import (
	"context"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// feed handles GET /. Guests who ask for the same page while it is being made
// share it: when many come at once, it is made once. Nothing is kept.
func (s *Server) feed(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	if visitor(c).SignedIn() || c.QueryParam("notice") != "" {
		data, err := s.feedPage(c.Request().Context(), s.page(c, "Feed"), before)
		if err != nil {
			return err
		}
		return s.show(c, http.StatusOK, "feed", data)
	}
	frame := s.page(c, "Feed")
	ctx := context.WithoutCancel(c.Request().Context()) // it is not this guest's page alone
	html, err, _ := s.shareFeed.Do(before.String(), func() (any, error) {
		data, err := s.feedPage(ctx, frame, before)
		if err != nil {
			return nil, err
		}
		return s.Pages.Render("feed", data)
	})
	if err != nil {
		return err
	}
	return sendHTML(c, http.StatusOK, html.([]byte)) //nolint:forcetypeassert // it is what was returned above
}

func (s *Server) feedPage(ctx context.Context, frame page, before models.Cursor) (feedPage, error) {
	found, err := s.Posts.Feed(ctx, before, posts.PageSize)
	return feedPage{frame, postListOf(found, "/")}, err
}

// tagShow handles GET /tags/:tag.
func (s *Server) tagShow(c echo.Context) error {
	before, err := cursorParam(c, "before")
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
	base := "/tags/" + url.PathEscape(string(tag))
	return s.show(c, http.StatusOK, "tag_show", tagShowPage{s.page(c, "#"+string(tag)), tag, postListOf(found, base)})
}

// userShow handles GET /users/:username.
func (s *Server) userShow(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	user, err := s.Accounts.Shown(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	found, err := s.Posts.By(ctx, user.ID, visitor(c), before, posts.PageSize)
	if err != nil {
		return err
	}
	name := string(user.Username)
	return s.show(c, http.StatusOK, "user_show", userShowPage{s.page(c, name), user, postListOf(found, "/users/"+name)})
}

// search handles GET /search.
func (s *Server) search(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	query := c.QueryParam("q")
	data := searchPage{page: s.page(c, "Search")}
	if !utf8.ValidString(query) || utf8.RuneCountInString(query) > posts.MaxQuery {
		data.Problems = Problems{problem.New(problem.Invalid, "Enter a few words to search for, up to %d characters.", posts.MaxQuery)}
		return s.show(c, http.StatusUnprocessableEntity, "search", data)
	}
	data.Query = query
	found, err := s.Posts.Search(c.Request().Context(), visitor(c), query, before, posts.PageSize)
	if err != nil {
		return err
	}
	data.List = postListOf(found, "/search?q="+url.QueryEscape(query)+"&")
	return s.show(c, http.StatusOK, "search", data)
}

// userAvatar handles GET /users/:username/avatar. The address in our pages
// names the picture too, so a browser may keep it; a cache for many would keep whose limits it tells.
func (s *Server) userAvatar(c echo.Context) error {
	blob, user, err := s.Accounts.OpenAvatar(c.Request().Context(), c.Param("username"))
	if err != nil {
		return err
	}
	defer blob.Close()
	image := PartOfPage(blob, user.AvatarType, `"`+string(user.Avatar)+`"`)
	image.Cache = "private, max-age=86400"
	return s.SendBytes(c, image)
}
