package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// A postItemJSON is a post in a list.
type postItemJSON struct {
	ID           string           `json:"id"`
	Title        string           `json:"title"`
	Excerpt      string           `json:"excerpt"`
	Author       authorJSON       `json:"author"`
	Tags         []string         `json:"tags"`
	Visibility   string           `json:"visibility"`
	CommentCount int              `json:"comment_count"`
	Files        []attachmentJSON `json:"files"`
	URL          string           `json:"url"`
	CreatedAt    time.Time        `json:"created_at"`
	UpdatedAt    time.Time        `json:"updated_at"`
}

// A postJSON is a complete post.
type postJSON struct {
	postItemJSON
	Content string `json:"content"`
	HTML    string `json:"html"` // sanitised
}

// A deletedPostJSON is a deleted post that its author can restore.
type deletedPostJSON struct {
	ID              string    `json:"id"`
	Title           string    `json:"title"`
	Excerpt         string    `json:"excerpt"`
	Visibility      string    `json:"visibility"`
	CreatedAt       time.Time `json:"created_at"`
	DeletedAt       time.Time `json:"deleted_at"`
	RestorableUntil time.Time `json:"restorable_until"`
}

// postItemOf returns v as lists have it.
func (a *API) postItemOf(v models.PostView) postItemJSON {
	return postItemJSON{
		ID: string(v.ID), Title: string(v.Title), Excerpt: v.Excerpt, Author: a.authorOf(v.Author),
		Tags: itemsOf(v.Tags, func(t models.Tag) string { return string(t) }), Visibility: string(v.Visibility),
		CommentCount: v.CommentCount, Files: itemsOf(v.Files, a.attachmentOf),
		URL: a.postURL(v.ID), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
}

// postOf returns v with its text.
func (a *API) postOf(v models.PostView) postJSON {
	return postJSON{postItemJSON: a.postItemOf(v), Content: string(v.Content), HTML: string(sanitize.Post(v.Content, v.Rendered))}
}

// postURL returns the URL of the page of a post.
func (a *API) postURL(id models.PostID) string {
	return a.Options.PublicURL + "/posts/" + string(id)
}

// A draft is a post in the body of a request. Missing fields are nil.
type draft struct {
	title, content, visibility *string
	tags, files                []string
}

// readDraft reads a draft from the body of c.
func readDraft(c echo.Context) (d draft, err error) {
	err = readJSON(c, jsonFields{
		"title": &d.title, "content": &d.content, "visibility": &d.visibility, "tags": &d.tags, "files": &d.files,
	})
	if err != nil {
		return d, err
	}
	for _, tag := range d.tags { // none may have a comma, because commas join them
		if _, err := models.ParseTag(tag); err != nil {
			return d, err
		}
	}
	if slices.ContainsFunc(d.files, func(id string) bool { return !models.IsID(id) }) {
		return d, problem.OnField("files", "Use the file IDs that the uploads returned.")
	}
	return d, nil
}

// fileIDs returns ids as file IDs.
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
		Title: valueOr(in.title, ""), Content: valueOr(in.content, ""), Visibility: valueOr(in.visibility, string(a.Posts.Default.Get())),
		Tags: strings.Join(in.tags, ","), Files: fileIDs(in.files),
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, a.apiURL("/posts/"+string(id)))
	return a.sendPost(c, http.StatusCreated, id)
}

// PostUpdate handles PATCH /api/v1/posts/:id. Missing fields do not change, and a list
// replaces the previous one.
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
	if err := a.Posts.Update(ctx, who, id, in.applyTo(post)); err != nil {
		return err
	}
	return a.sendPost(c, http.StatusOK, id)
}

// applyTo returns post with the fields of d.
func (d draft) applyTo(post models.PostView) posts.Draft {
	to := posts.Draft{
		Title: valueOr(d.title, string(post.Title)), Content: valueOr(d.content, string(post.Content)),
		Visibility: valueOr(d.visibility, string(post.Visibility)), Files: fileIDs(d.files),
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

// sendPost answers with a post as the visitor sees it.
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

// PostDeletedList handles GET /api/v1/me/posts/deleted. The list has no pages, because
// it covers only posts.UndoPeriod.
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
