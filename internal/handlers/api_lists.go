package handlers

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// postsFrom answers with the page of posts that find returns for the place the
// query names.
func (s *Server) postsFrom(c echo.Context, path string, query url.Values, find func(place apiPlace) (posts.Posts, error)) error {
	place, err := placeIn(c, "before")
	if err != nil {
		return err
	}
	page, err := find(place)
	if err != nil {
		return err
	}
	return sendList(s, c, path, query, place, page, s.apiPostItemOf)
}

// apiFeed handles GET /api/v1/posts.
func (s *Server) apiFeed(c echo.Context) error {
	return s.postsFrom(c, "/posts", url.Values{}, func(place apiPlace) (posts.Posts, error) {
		return s.Posts.Feed(c.Request().Context(), place.cursor, place.limit)
	})
}

// apiTagPosts handles GET /api/v1/tags/:tag/posts.
func (s *Server) apiTagPosts(c echo.Context) error {
	text := c.Param("tag")
	tag, err := models.ParseTag(text)
	if err != nil {
		return problem.New(problem.NotFound, "Tag not found.")
	}
	return s.postsFrom(c, "/tags/"+url.PathEscape(string(tag))+"/posts", url.Values{}, func(place apiPlace) (posts.Posts, error) {
		return s.Posts.WithTag(c.Request().Context(), tag, place.cursor, place.limit)
	})
}

// apiTagList handles GET /api/v1/tags. Its pages go by the tag itself.
func (s *Server) apiTagList(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	query, prefix := url.Values{}, models.Tag("")
	if text := c.QueryParam("prefix"); text != "" {
		if prefix, err = models.ParseTag(text); err != nil {
			return problem.At("prefix", err)
		}
		query.Set("prefix", string(prefix))
	}
	var after models.Tag
	if text := c.QueryParam("after"); text != "" {
		if after, err = models.ParseTag(text); err != nil {
			return problem.At("after", err)
		}
	}
	tags, err := s.Posts.Tags(c.Request().Context(), string(prefix), after, limit+1)
	if err != nil {
		return err
	}
	if len(tags) > limit {
		tags = tags[:limit]
		s.linkNext(c, "/tags", query, "after", string(tags[limit-1].Tag), limit)
	}
	return sendJSON(c, http.StatusOK, apiList[apiTag]{itemsOf(tags, func(t models.TagCount) apiTag { return apiTag{string(t.Tag), t.Posts} })})
}

// userNamed returns the user an address names.
func (s *Server) userNamed(c echo.Context) (models.User, error) {
	name := c.Param("username")
	if _, err := models.ParseUsername(name); err != nil {
		return models.User{}, problem.New(problem.NotFound, "User not found.")
	}
	return s.Accounts.Shown(c.Request().Context(), name)
}

// apiUserShow handles GET /api/v1/users/:username.
func (s *Server) apiUserShow(c echo.Context) error {
	user, err := s.userNamed(c)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, s.apiProfileOf(user))
}

// apiUserPosts handles GET /api/v1/users/:username/posts.
func (s *Server) apiUserPosts(c echo.Context) error {
	user, err := s.userNamed(c)
	if err != nil {
		return err
	}
	return s.postsFrom(c, "/users/"+string(user.Username)+"/posts", url.Values{}, func(place apiPlace) (posts.Posts, error) {
		return s.Posts.By(c.Request().Context(), user.ID, visitor(c), place.cursor, place.limit)
	})
}

// apiSearch handles GET /api/v1/search.
func (s *Server) apiSearch(c echo.Context) error {
	text := c.QueryParam("q")
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > posts.MaxQuery {
		return problem.OnField("q", "Enter a few words to search for, up to %d characters.", posts.MaxQuery)
	}
	return s.postsFrom(c, "/search", url.Values{"q": {text}}, func(place apiPlace) (posts.Posts, error) {
		return s.Posts.Search(c.Request().Context(), visitor(c), text, place.cursor, place.limit)
	})
}
