package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// An apiDraft is a post as the API takes it. What is nil was not sent.
type apiDraft struct {
	title, content, visibility *string
	tags, files                []string
}

func readDraft(c echo.Context) (d apiDraft, err error) {
	err = readJSON(c, jsonFields{
		"title": &d.title, "content": &d.content, "visibility": &d.visibility, "tags": &d.tags, "files": &d.files,
	})
	if err != nil {
		return d, err
	}
	for _, tag := range d.tags { // before they are joined: none may hold a comma
		if _, err := models.ParseTag(tag); err != nil {
			return d, err
		}
	}
	if slices.ContainsFunc(d.files, func(id string) bool { return !models.IsID(id) }) {
		return d, problem.OnField("files", "Use the file IDs that the uploads returned.")
	}
	return d, nil
}

func fileIDs(ids []string) []models.FileID {
	return itemsOf(ids, func(id string) models.FileID { return models.FileID(id) })
}

// apiPostCreate handles POST /api/v1/posts.
func (s *Server) apiPostCreate(c echo.Context) error {
	in, err := readDraft(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), visitor(c)
	id, err := s.Posts.Create(ctx, who, posts.Draft{
		Title: given(in.title, ""), Content: given(in.content, ""), Visibility: given(in.visibility, string(models.Public)),
		Tags: strings.Join(in.tags, ","), Files: fileIDs(in.files),
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.apiURL("/posts/"+string(id)))
	return s.sendPost(c, http.StatusCreated, id)
}

// apiPostUpdate handles PATCH /api/v1/posts/:id: what is not sent stays, and a
// list that is sent takes the place of the one there was.
func (s *Server) apiPostUpdate(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	ctx, who := c.Request().Context(), visitor(c)
	post, err := s.Posts.Edit(ctx, who, id)
	if err != nil {
		return err
	}
	in, err := readDraft(c)
	if err != nil {
		return err
	}
	if err := s.Posts.Update(ctx, who, id, in.over(post)); err != nil {
		return err
	}
	return s.sendPost(c, http.StatusOK, id)
}

// over returns post as it is to become.
func (d apiDraft) over(post models.PostView) posts.Draft {
	to := posts.Draft{
		Title: given(d.title, string(post.Title)), Content: given(d.content, string(post.Content)),
		Visibility: given(d.visibility, string(post.Visibility)), Files: fileIDs(d.files),
	}
	if d.tags == nil {
		d.tags = itemsOf(post.Tags, func(tag models.Tag) string { return string(tag) })
	}
	to.Tags = strings.Join(d.tags, ",")
	if d.files != nil {
		for _, f := range post.Files {
			if !slices.Contains(to.Files, f.ID) {
				to.Remove = append(to.Remove, f.ID)
			}
		}
	}
	return to
}

// apiPostShow handles GET /api/v1/posts/:id.
func (s *Server) apiPostShow(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	return s.sendPost(c, http.StatusOK, id)
}

func (s *Server) sendPost(c echo.Context, status int, id models.PostID) error {
	post, err := s.Posts.Show(c.Request().Context(), visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, status, s.apiPostOf(post))
}

// apiPostDelete handles DELETE /api/v1/posts/:id.
func (s *Server) apiPostDelete(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Posts.Delete(c.Request().Context(), visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// apiPostRestore handles POST /api/v1/posts/:id/restore.
func (s *Server) apiPostRestore(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := s.Posts.Restore(c.Request().Context(), visitor(c), id); err != nil {
		return err
	}
	return s.sendPost(c, http.StatusOK, id)
}

// apiPostDeleted handles GET /api/v1/me/posts/deleted. The list has no pages:
// it is of one week.
func (s *Server) apiPostDeleted(c echo.Context) error {
	deleted, err := s.Posts.Deleted(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, apiList[apiDeletedPost]{itemsOf(deleted, func(p models.Post) apiDeletedPost {
		return apiDeletedPost{
			ID: string(p.ID), Title: string(p.Title), Excerpt: p.Excerpt, Visibility: string(p.Visibility),
			CreatedAt: p.CreatedAt.UTC(), DeletedAt: p.DeletedAt.UTC(), RestorableUntil: p.DeletedAt.Add(posts.UndoPeriod).UTC(),
		}
	})})
}

// apiCommentList handles GET /api/v1/posts/:id/comments.
func (s *Server) apiCommentList(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	place, err := placeIn(c, "after")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.Posts.Show(ctx, visitor(c), id); err != nil { // may they read it?
		return err
	}
	page, err := s.Posts.Comments(ctx, visitor(c), id, place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(s, c, "/posts/"+string(id)+"/comments", url.Values{}, place, page, s.apiCommentOf)
}

// apiCommentCreate handles POST /api/v1/posts/:id/comments.
func (s *Server) apiCommentCreate(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	var body *string
	if err := readJSON(c, jsonFields{"body": &body}); err != nil {
		return err
	}
	ctx, who := c.Request().Context(), visitor(c)
	made, err := s.Posts.AddComment(ctx, who, id, given(body, ""))
	if err != nil {
		return err
	}
	comment, err := s.Posts.Comment(ctx, who, made)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.postURL(id)+"#comment-"+string(made))
	return sendJSON(c, http.StatusCreated, s.apiCommentOf(comment))
}

// apiCommentDelete handles DELETE /api/v1/comments/:id.
func (s *Server) apiCommentDelete(c echo.Context) error {
	id := models.CommentID(c.Param("id"))
	if err := s.Posts.DeleteComment(c.Request().Context(), visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
