package site

import (
	"html/template"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// commentItem is a comment under a post.
type commentItem struct {
	models.CommentView
	HTML      template.HTML // from package sanitize
	CanDelete bool
}

// commentForm is what the user entered below a post.
type commentForm struct {
	Body string
}

// CommentFields are the fields of the form for a comment that come back when the gate
// refuses it.
var CommentFields = []gate.SavedField{{Name: "body", Label: "Your comment"}, {Name: "form_key"}}

// CommentCreate handles POST /posts/:id/comments: it adds a comment and leads
// to it.
func (s *Site) CommentCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	post, body := models.PostID(c.Param("id")), form.Get("body")
	id, err := s.Posts.AddComment(c.Request().Context(), gate.Visitor(c), post, body, form.Get("form_key"))
	if problem.KindOf(err) == problem.Invalid {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showPost(c, status, commentForm{body}, problems)
		})
	}
	if err != nil {
		return err
	}
	address, err := s.commentAddress(c, post, id)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// commentAddress returns the URL that shows a new comment. If the comments do
// not fit one page, the comment comes first on its page.
func (s *Site) commentAddress(c echo.Context, id models.PostID, comment models.CommentID) (string, error) {
	ctx, who := c.Request().Context(), gate.Visitor(c)
	post, err := s.Posts.Show(ctx, who, id)
	if err != nil {
		return "", err
	}
	address, anchor := "/posts/"+string(id), "#comment-"+string(comment)
	if post.CommentCount <= posts.CommentPageSize {
		return address + anchor, nil
	}
	made, err := s.Posts.Comment(ctx, who, comment)
	if err != nil {
		return "", err
	}
	before := models.Cursor{At: made.CreatedAt.Add(-time.Microsecond), ID: string(comment)}
	return address + "?after=" + before.String() + anchor, nil
}

// CommentDelete handles POST /comments/:id/delete: it deletes a comment.
func (s *Site) CommentDelete(c echo.Context) error {
	ctx, who, id := c.Request().Context(), gate.Visitor(c), models.CommentID(c.Param("id"))
	comment, err := s.Posts.Comment(ctx, who, id)
	if err != nil {
		return err
	}
	if err := s.Posts.DeleteComment(ctx, who, id); err != nil {
		return err
	}
	return s.Tell(c, "/posts/"+string(comment.PostID), "comment")
}
