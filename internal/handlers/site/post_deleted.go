package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// A deletedPost is a post that its author can still restore.
type deletedPost struct {
	models.Post
	DaysLeft int // to restore it, rounded up
}

// postDeletedPage is the page "post_deleted".
type postDeletedPage struct {
	page.Frame
	Posts []deletedPost
	Older string // URL of the next page of the list; empty: none
}

// PostDelete handles POST /posts/:id/delete: it deletes a post and leads to the
// page that can restore it.
func (s *Site) PostDelete(c echo.Context) error {
	if err := s.Posts.Delete(c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id"))); err != nil {
		return err
	}
	return s.Tell(c, "/posts/deleted", "post")
}

// PostRestore handles POST /posts/:id/restore: it restores a deleted post.
func (s *Site) PostRestore(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Posts.Restore(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return s.Tell(c, "/posts/"+string(id), "restored")
}

// PostDeletedList handles GET /posts/deleted: the deleted posts that the user
// can restore.
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
