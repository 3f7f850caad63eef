package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// deletedPost is a post that can still be had back.
type deletedPost struct {
	models.Post
	DaysLeft int // until it is gone, rounded up
}

// postDeletedPage is the page "post_deleted".
type postDeletedPage struct {
	page.Frame
	Posts []deletedPost
	Older string // address of the next stretch of the list; empty: its end
}

// PostDelete handles POST /posts/:id/delete, and leads to where it is undone.
func (s *Site) PostDelete(c echo.Context) error {
	if err := s.Posts.Delete(c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/posts/deleted?notice=post")
}

// PostRestore handles POST /posts/:id/restore.
func (s *Site) PostRestore(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Posts.Restore(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=restored")
}

// PostDeletedList handles GET /posts/deleted.
func (s *Site) PostDeletedList(c echo.Context) error {
	deleted, err := s.Posts.Deleted(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	data := postDeletedPage{Frame: s.Frame(c, "Deleted posts")}
	for _, post := range deleted {
		left := post.DeletedAt.Add(posts.UndoPeriod).Sub(s.Now())
		data.Posts = append(data.Posts, deletedPost{Post: post, DaysLeft: int(left.Hours()/24) + 1})
	}
	return s.Show(c, http.StatusOK, "post_deleted", data)
}
