package api

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// A tagJSON is a tag with the number of its public posts.
type tagJSON struct {
	Tag   string `json:"tag"`
	Posts int    `json:"posts"`
}

// sendPosts answers with the page of posts that find returns for the paging of the
// query.
func (a *API) sendPosts(c echo.Context, path string, query url.Values, find func(place paging) (posts.Posts, error)) error {
	place, err := readPaging(c, "before")
	if err != nil {
		return err
	}
	page, err := find(place)
	if err != nil {
		return err
	}
	return sendList(a, c, path, query, place, page, a.postItemOf)
}

// Feed handles GET /api/v1/posts.
func (a *API) Feed(c echo.Context) error {
	return a.sendPosts(c, "/posts", url.Values{}, func(place paging) (posts.Posts, error) {
		return a.Posts.Feed(c.Request().Context(), place.cursor, place.limit)
	})
}

// TagPosts handles GET /api/v1/tags/:tag/posts.
func (a *API) TagPosts(c echo.Context) error {
	text := c.Param("tag")
	tag, err := models.ParseTag(text)
	if err != nil {
		return problem.New(problem.NotFound, "Tag not found.")
	}
	return a.sendPosts(c, tag.Path()+"/posts", url.Values{}, func(place paging) (posts.Posts, error) {
		return a.Posts.WithTag(c.Request().Context(), tag, place.cursor, place.limit)
	})
}

// TagList handles GET /api/v1/tags. The cursor of its pages is a tag.
func (a *API) TagList(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	query, prefix := url.Values{}, models.Tag("")
	if text := c.QueryParam("prefix"); text != "" {
		if prefix, err = models.ParseTagStart(text); err != nil {
			return problem.At("prefix", err)
		}
		query.Set("prefix", string(prefix))
	}
	var after models.Tag
	if text := c.QueryParam("after"); text != "" {
		if after, err = models.ParseTagStart(text); err != nil {
			return problem.At("after", err)
		}
	}
	tags, err := a.Posts.Tags(c.Request().Context(), string(prefix), after, limit+1)
	if err != nil {
		return err
	}
	if len(tags) > limit {
		tags = tags[:limit]
		a.linkNext(c, "/tags", query, "after", string(tags[limit-1].Tag), limit)
	}
	return sendJSON(c, http.StatusOK, listJSON[tagJSON]{
		itemsOf(tags, func(t models.TagCount) tagJSON { return tagJSON{string(t.Tag), t.Posts} }),
	})
}

// Search handles GET /api/v1/search.
func (a *API) Search(c echo.Context) error {
	text := c.QueryParam("q")
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > posts.MaxQuery {
		return problem.OnField("q", "Enter a few words to search for, up to %d characters.", posts.MaxQuery)
	}
	return a.sendPosts(c, "/search", url.Values{"q": {text}}, func(place paging) (posts.Posts, error) {
		return a.Posts.Search(c.Request().Context(), gate.Visitor(c), text, place.cursor, place.limit)
	})
}
