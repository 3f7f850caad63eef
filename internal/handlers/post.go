package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// postShow handles GET /posts/:id.
func (s *Server) postShow(c echo.Context) error {
	return s.showPost(c, http.StatusOK, commentForm{}, nil)
}

func (s *Server) showPost(c echo.Context, status int, form commentForm, problems Problems) error {
	after, err := cursorParam(c, "after")
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), visitor(c)
	post, err := s.Posts.Show(ctx, who, models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	comments, err := s.Posts.Comments(ctx, who, post.ID, after, posts.CommentPageSize)
	if err != nil {
		return err
	}
	data := postShowPage{
		page: s.page(c, string(post.Title)), Post: post, HTML: sanitize.Post(post.Content), CanEdit: post.AuthorID == who.ID,
		More: nextAddress("/posts/"+string(post.ID), "after", comments.Next), Form: form, Problems: problems,
	}
	if !after.IsZero() {
		data.First = "/posts/" + string(post.ID) + "#comments"
	}
	for _, one := range comments.Items {
		data.Comments = append(data.Comments, commentItem{
			CommentView: one, HTML: sanitize.Comment(one.Body), CanDelete: posts.MayDeleteComment(who, post.Post, one.Comment),
		})
	}
	return s.show(c, status, "post_show", data)
}

// postNew handles GET /posts/new.
func (s *Server) postNew(c echo.Context) error {
	return s.show(c, http.StatusOK, "post_form", postFormPage{
		page: s.page(c, "New post"), Form: postForm{Visibility: string(models.Public)}, Limits: s.uploadLimits(c),
	})
}

// The fields of the forms for posts and comments that survive a limit.
var (
	postFields = []SavedField{
		{Name: "title"}, {Name: "content", Label: "Text"}, {Name: "tags"}, {Name: "visibility"}, {Name: "file_ids"}, {Name: "remove_files"},
	}
	commentFields = []SavedField{{Name: "body", Label: "Your comment"}}
)

// postCreate handles POST /posts.
func (s *Server) postCreate(c echo.Context) error {
	u, err := s.readUpload(c)
	draft := draftOf(u)
	if err = errors.Join(err, errors.Join(u.errs...)); err == nil {
		var id models.PostID
		if id, err = s.Posts.Create(c.Request().Context(), visitor(c), draft); err == nil {
			return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=posted")
		}
	} else if u.fields != nil {
		err = errors.Join(err, s.Posts.Check(visitor(c), draft))
	}
	drain(c)
	return s.showForm(err, func(status int, problems Problems) error {
		return s.showPostForm(c, status, postFormPage{page: s.page(c, "New post"), Form: postFormOf(u), Problems: problems}, draft.Files)
	})
}

// showPostForm renders the form again with the files that were received
// already: they need not be sent twice.
func (s *Server) showPostForm(c echo.Context, status int, data postFormPage, received []models.FileID) error {
	waiting, err := s.Files.Mine(c.Request().Context(), visitor(c), received)
	if err != nil {
		return err
	}
	data.Files = append(data.Files, waiting...)
	data.Limits = s.uploadLimits(c)
	return s.show(c, status, "post_form", data)
}

// draftOf returns what the form holds. What no identifier of ours looks like
// names no file, and is taken as one that is not there.
func draftOf(u upload) posts.Draft {
	d := posts.Draft{Title: u.get("title"), Content: u.get("content"), Tags: u.get("tags"), Visibility: u.get("visibility")}
	d.Remove = fileIDsIn(u, "remove_files")
	for _, id := range fileIDsIn(u, "file_ids") {
		if !slices.Contains(d.Remove, id) {
			d.Files = append(d.Files, id)
		}
	}
	for _, f := range u.files {
		d.Files = append(d.Files, f.ID)
	}
	return d
}

func fileIDsIn(u upload, field string) (ids []models.FileID) {
	for _, id := range u.fields[field] {
		if !models.IsID(id) {
			id = "NONE"
		}
		ids = append(ids, models.FileID(id))
	}
	return ids
}

func postFormOf(u upload) postForm {
	return postForm{
		Title: u.get("title"), Content: u.get("content"), Tags: u.get("tags"), Visibility: u.get("visibility"),
		RemoveFiles: u.fields["remove_files"],
	}
}

// postEdit handles GET /posts/:id/edit.
func (s *Server) postEdit(c echo.Context) error {
	post, err := s.Posts.Edit(c.Request().Context(), visitor(c), models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	words := make([]string, len(post.Tags))
	for i, tag := range post.Tags {
		words[i] = string(tag)
	}
	return s.show(c, http.StatusOK, "post_form", postFormPage{
		page: s.page(c, "Edit post"), PostID: post.ID, Files: post.Files, Limits: s.uploadLimits(c),
		Form: postForm{Title: string(post.Title), Content: string(post.Content), Tags: strings.Join(words, " "), Visibility: string(post.Visibility)},
	})
}

// postUpdate handles POST /posts/:id/edit.
func (s *Server) postUpdate(c echo.Context) error {
	ctx, who, id := c.Request().Context(), visitor(c), models.PostID(c.Param("id"))
	post, err := s.Posts.Edit(ctx, who, id)
	if err != nil { // before any file is taken for a post that is not theirs
		drain(c)
		return err
	}
	u, err := s.readUpload(c)
	draft := draftOf(u)
	if err = errors.Join(err, errors.Join(u.errs...)); err == nil {
		if err = s.Posts.Update(ctx, who, id, draft); err == nil {
			return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=saved")
		}
	} else if u.fields != nil {
		err = errors.Join(err, s.Posts.Check(visitor(c), draft))
	}
	drain(c)
	return s.showForm(err, func(status int, problems Problems) error {
		data := postFormPage{page: s.page(c, "Edit post"), PostID: id, Files: post.Files, Form: postFormOf(u), Problems: problems}
		return s.showPostForm(c, status, data, unattached(draft.Files, post.Files))
	})
}

// unattached returns the ids that are not among files.
func unattached(ids []models.FileID, files []models.File) (rest []models.FileID) {
	attached := map[models.FileID]bool{}
	for _, f := range files {
		attached[f.ID] = true
	}
	for _, id := range ids {
		if !attached[id] {
			rest = append(rest, id)
		}
	}
	return rest
}

// postDelete handles POST /posts/:id/delete, and leads to where it is undone.
func (s *Server) postDelete(c echo.Context) error {
	if err := s.Posts.Delete(c.Request().Context(), visitor(c), models.PostID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/posts/deleted?notice=post")
}

// postRestore handles POST /posts/:id/restore.
func (s *Server) postRestore(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Posts.Restore(c.Request().Context(), visitor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=restored")
}

// postDeleted handles GET /posts/deleted.
func (s *Server) postDeleted(c echo.Context) error {
	deleted, err := s.Posts.Deleted(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	data := postDeletedPage{page: s.page(c, "Deleted posts")}
	for _, post := range deleted {
		left := post.DeletedAt.Add(posts.UndoPeriod).Sub(s.Now())
		data.Posts = append(data.Posts, deletedPost{Post: post, DaysLeft: int(left.Hours()/24) + 1})
	}
	return s.show(c, http.StatusOK, "post_deleted", data)
}

// commentCreate handles POST /posts/:id/comments.
func (s *Server) commentCreate(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	post, body := models.PostID(c.Param("id")), form.Get("body")
	id, err := s.Posts.AddComment(c.Request().Context(), visitor(c), post, body)
	if problem.KindOf(err) == problem.Invalid {
		return s.showForm(err, func(status int, problems Problems) error {
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

// commentAddress is where the comment just made is seen: under a post with
// more comments than fit a page, on a page that begins with it.
func (s *Server) commentAddress(c echo.Context, id models.PostID, comment models.CommentID) (string, error) {
	ctx, who := c.Request().Context(), visitor(c)
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

// commentDelete handles POST /comments/:id/delete.
func (s *Server) commentDelete(c echo.Context) error {
	ctx, who, id := c.Request().Context(), visitor(c), models.CommentID(c.Param("id"))
	comment, err := s.Posts.Comment(ctx, who, id)
	if err != nil {
		return err
	}
	if err := s.Posts.DeleteComment(ctx, who, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/posts/"+string(comment.PostID)+"?notice=comment")
}
