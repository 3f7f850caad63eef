package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// An draft is a post as the API takes it. What is nil was not sent.
type draft struct {
	title, content, visibility *string
	tags, files                []string
}

func readDraft(c echo.Context) (d draft, err error) {
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

// PostCreate handles POST /api/v1/posts.
func (a *API) PostCreate(c echo.Context) error {
	in, err := readDraft(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), gate.Visitor(c)
	id, err := a.Posts.Create(ctx, who, posts.Draft{
		Title: given(in.title, ""), Content: given(in.content, ""), Visibility: given(in.visibility, string(models.Public)),
		Tags: strings.Join(in.tags, ","), Files: fileIDs(in.files),
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, a.uRL("/posts/"+string(id)))
	return a.sendPost(c, http.StatusCreated, id)
}

// PostUpdate handles PATCH /api/v1/posts/:id: what is not sent stays, and a
// list that is sent takes the place of the one there was.
func (a *API) PostUpdate(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	ctx, who := c.Request().Context(), gate.Visitor(c)
	post, err := a.Posts.Edit(ctx, who, id)
	if err != nil {
		return err
	}
	in, err := readDraft(c)
	if err != nil {
		return err
	}
	if err := a.Posts.Update(ctx, who, id, in.over(post)); err != nil {
		return err
	}
	return a.sendPost(c, http.StatusOK, id)
}

// over returns post as it is to become.
func (d draft) over(post models.PostView) posts.Draft {
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

// PostShow handles GET /api/v1/posts/:id.
func (a *API) PostShow(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	return a.sendPost(c, http.StatusOK, id)
}

func (a *API) sendPost(c echo.Context, status int, id models.PostID) error {
	post, err := a.Posts.Show(c.Request().Context(), gate.Visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, status, a.postOf(post))
}

// PostDelete handles DELETE /api/v1/posts/:id.
func (a *API) PostDelete(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := a.Posts.Delete(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// PostRestore handles POST /api/v1/posts/:id/restore.
func (a *API) PostRestore(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	if err := a.Posts.Restore(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return a.sendPost(c, http.StatusOK, id)
}

// PostDeletedList handles GET /api/v1/me/posts/deleted. The list has no pages:
// it is of one week.
func (a *API) PostDeletedList(c echo.Context) error {
	deleted, err := a.Posts.Deleted(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, listJSON[deletedPostJSON]{itemsOf(deleted, func(p models.Post) deletedPostJSON {
		return deletedPostJSON{
			ID: string(p.ID), Title: string(p.Title), Excerpt: p.Excerpt, Visibility: string(p.Visibility),
			CreatedAt: p.CreatedAt.UTC(), DeletedAt: p.DeletedAt.UTC(), RestorableUntil: p.DeletedAt.Add(posts.UndoPeriod).UTC(),
		}
	})})
}

// CommentList handles GET /api/v1/posts/:id/comments.
func (a *API) CommentList(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	place, err := readPaging(c, "after")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := a.Posts.Show(ctx, gate.Visitor(c), id); err != nil { // may they read it?
		return err
	}
	page, err := a.Posts.Comments(ctx, gate.Visitor(c), id, place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(a, c, "/posts/"+string(id)+"/comments", url.Values{}, place, page, a.commentOf)
}

// CommentCreate handles POST /api/v1/posts/:id/comments.
func (a *API) CommentCreate(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	var body *string
	if err := readJSON(c, jsonFields{"body": &body}); err != nil {
		return err
	}
	ctx, who := c.Request().Context(), gate.Visitor(c)
	made, err := a.Posts.AddComment(ctx, who, id, given(body, ""))
	if err != nil {
		return err
	}
	comment, err := a.Posts.Comment(ctx, who, made)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, a.postURL(id)+"#comment-"+string(made))
	return sendJSON(c, http.StatusCreated, a.commentOf(comment))
}

// CommentDelete handles DELETE /api/v1/comments/:id.
func (a *API) CommentDelete(c echo.Context) error {
	id := models.CommentID(c.Param("id"))
	if err := a.Posts.DeleteComment(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
