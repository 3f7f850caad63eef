package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/sanitize"
)

// A commentJSON is a comment.
type commentJSON struct {
	ID        string     `json:"id"`
	PostID    string     `json:"post_id"`
	Author    authorJSON `json:"author"`
	Body      string     `json:"body"`
	HTML      string     `json:"html"` // sanitised
	CreatedAt time.Time  `json:"created_at"`
}

// commentOf returns v as JSON has it.
func (a *API) commentOf(v models.CommentView) commentJSON {
	return commentJSON{
		ID: string(v.ID), PostID: string(v.PostID), Author: a.authorOf(v.Author), Body: string(v.Body),
		HTML: string(sanitize.Comment(v.Body, v.Rendered)), CreatedAt: v.CreatedAt.UTC(),
	}
}

// CommentList handles GET /api/v1/posts/:id/comments.
func (a *API) CommentList(c echo.Context) error {
	id := models.PostID(c.Param("id"))
	place, err := readPaging(c, "after")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := a.Posts.Show(ctx, gate.Visitor(c), id); err != nil { // rejects visitors who cannot read the post
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
	made, err := a.Posts.AddComment(ctx, who, id, valueOr(body, ""), "")
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
