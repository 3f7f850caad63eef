package site

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// postForm is what the author entered.
type postForm struct {
	Title       string
	Content     string
	Tags        string // separated by spaces or commas
	Visibility  string
	Everyone    bool     // the author wants to show their first public post to everyone
	RemoveFiles []string // IDs of the files to remove from the post
}

// Removes reports whether the form removes the file from the post.
func (f postForm) Removes(id models.FileID) bool { return slices.Contains(f.RemoveFiles, string(id)) }

// PostFields are the fields of the form for a post that come back when a limit
// refuses it.
var PostFields = []gate.SavedField{
	{Name: "title"}, {Name: "content", Label: "Text"}, {Name: "tags"}, {Name: "visibility"}, {Name: "file_ids"}, {Name: "remove_files"},
	{Name: "everyone"}, {Name: "form_key"},
}

// postFormPage is the page "post_form", for new posts and for changes. Its fields are
// title, content, tags, visibility, file (several), file_ids (files uploaded
// earlier), remove_files and everyone (yes: the first public post is meant to be one).
type postFormPage struct {
	page.Frame
	PostID   models.PostID // empty: the post is new
	Form     postForm
	Files    []models.File // attached, or uploaded and not attached yet
	Limits   page.UploadLimits
	Ask      bool // with the choice of everyone, whether that is meant: the user has no public post yet
	Asked    bool // the form comes back with that question, and no problem
	Problems page.Problems
}

// Action returns the URL of the form.
func (p postFormPage) Action() string {
	if p.PostID == "" {
		return "/posts"
	}
	return "/posts/" + string(p.PostID) + "/edit"
}

// PostNew handles GET /posts/new: the form for a new post, with those of the user's files that
// the list of files names. The script that brings back a draft asks for these files alone.
func (s *Site) PostNew(c echo.Context) error {
	who := gate.Visitor(c)
	data := postFormPage{Form: postForm{Visibility: string(s.Posts.VisibilityFor(who))}}
	if text := c.QueryParam("files"); text != "" {
		ids, err := parseSelected(strings.Split(text, ","))
		if err == nil {
			data.Files, err = s.Files.Mine(c.Request().Context(), who, ids)
		}
		if err != nil {
			return err
		}
		data.Files = slices.DeleteFunc(data.Files, func(f models.File) bool { return f.PostID != nil })
	}
	if gate.WantsJSON(c) {
		described := make([]fileJSON, len(data.Files))
		for i, f := range data.Files {
			described[i] = fileJSONOf(f)
		}
		return c.JSON(http.StatusOK, described)
	}
	return s.showPostForm(c, http.StatusOK, data)
}

// PostForm handles GET /posts, the address of a form for a new post that came back: it leads to
// the form, which still has what was typed.
func (s *Site) PostForm(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/posts/new") }

// PostEdit handles GET /posts/:id/edit: the form with a post of the user's own.
func (s *Site) PostEdit(c echo.Context) error {
	post, err := s.Posts.Edit(c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	tags := make([]string, len(post.Tags))
	for i, tag := range post.Tags {
		tags[i] = string(tag)
	}
	return s.showPostForm(c, http.StatusOK, postFormPage{PostID: post.ID, Files: post.Files, Form: postForm{
		Title: string(post.Title), Content: string(post.Content), Tags: strings.Join(tags, " "), Visibility: string(post.Visibility),
	}})
}

func (s *Site) showPostForm(c echo.Context, status int, data postFormPage) error {
	title := "Edit post"
	if data.PostID == "" {
		title = "New post"
	}
	has, err := s.Posts.HasPublic(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	data.Frame, data.Limits, data.Ask = s.Frame(c, title), s.UploadLimits(c), !has
	return s.Show(c, status, "post_form", data)
}
