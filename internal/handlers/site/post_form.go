package site

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

// postForm is what an author typed.
type postForm struct {
	Title       string
	Content     string
	Tags        string // separated by spaces or commas
	Visibility  string
	RemoveFiles []string // identifiers of files to be taken off the post
}

// Removes reports whether the file is to be taken off the post.
func (f postForm) Removes(id models.FileID) bool { return slices.Contains(f.RemoveFiles, string(id)) }

// postFormPage is the page "post_form", for a new post and for an old one. Its
// fields are title, content, tags, visibility, file (several), file_ids (those
// received already) and remove_files.
type postFormPage struct {
	page.Frame
	PostID   models.PostID // empty: the post is new
	Form     postForm
	Files    []models.File // attached, or received and waiting to be
	Limits   page.UploadLimits
	Problems page.Problems
}

// Action is the address the form is sent to.
func (p postFormPage) Action() string {
	if p.PostID == "" {
		return "/posts"
	}
	return "/posts/" + string(p.PostID) + "/edit"
}

// PostNew handles GET /posts/new.
func (s *Site) PostNew(c echo.Context) error {
	return s.Show(c, http.StatusOK, "post_form", postFormPage{
		Frame: s.Frame(c, "New post"), Form: postForm{Visibility: string(models.Public)}, Limits: s.UploadLimits(c),
	})
}

// PostCreate handles POST /posts.
func (s *Site) PostCreate(c echo.Context) error {
	u, err := s.ReadForm(c)
	draft := draftOf(u)
	if err = errors.Join(err, errors.Join(u.Errs...)); err == nil {
		var id models.PostID
		if id, err = s.Posts.Create(c.Request().Context(), gate.Visitor(c), draft); err == nil {
			return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=posted")
		}
	} else if u.Fields != nil {
		err = errors.Join(err, s.Posts.Check(gate.Visitor(c), draft))
	}
	gate.Drain(c)
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		return s.showPostForm(c, status, postFormPage{Frame: s.Frame(c, "New post"), Form: postFormOf(u), Problems: problems}, draft.Files)
	})
}

// showPostForm renders the form again with the files that were received
// already: they need not be sent twice.
func (s *Site) showPostForm(c echo.Context, status int, data postFormPage, received []models.FileID) error {
	waiting, err := s.Files.Mine(c.Request().Context(), gate.Visitor(c), received)
	if err != nil {
		return err
	}
	data.Files = append(data.Files, waiting...)
	data.Limits = s.UploadLimits(c)
	return s.Show(c, status, "post_form", data)
}

// draftOf returns what the form holds. What no identifier of ours looks like
// names no file, and is taken as one that is not there.
func draftOf(u transfer.Form) posts.Draft {
	d := posts.Draft{Title: u.Get("title"), Content: u.Get("content"), Tags: u.Get("tags"), Visibility: u.Get("visibility")}
	d.Remove = fileIDsIn(u, "remove_files")
	for _, id := range fileIDsIn(u, "file_ids") {
		if !slices.Contains(d.Remove, id) {
			d.Files = append(d.Files, id)
		}
	}
	for _, f := range u.Files {
		d.Files = append(d.Files, f.ID)
	}
	return d
}

func fileIDsIn(u transfer.Form, field string) (ids []models.FileID) {
	for _, id := range u.Fields[field] {
		if !models.IsID(id) {
			id = "NONE"
		}
		ids = append(ids, models.FileID(id))
	}
	return ids
}

func postFormOf(u transfer.Form) postForm {
	return postForm{
		Title: u.Get("title"), Content: u.Get("content"), Tags: u.Get("tags"), Visibility: u.Get("visibility"),
		RemoveFiles: u.Fields["remove_files"],
	}
}

// PostEdit handles GET /posts/:id/edit.
func (s *Site) PostEdit(c echo.Context) error {
	post, err := s.Posts.Edit(c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	words := make([]string, len(post.Tags))
	for i, tag := range post.Tags {
		words[i] = string(tag)
	}
	return s.Show(c, http.StatusOK, "post_form", postFormPage{
		Frame: s.Frame(c, "Edit post"), PostID: post.ID, Files: post.Files, Limits: s.UploadLimits(c),
		Form: postForm{Title: string(post.Title), Content: string(post.Content), Tags: strings.Join(words, " "), Visibility: string(post.Visibility)},
	})
}

// PostUpdate handles POST /posts/:id/edit.
func (s *Site) PostUpdate(c echo.Context) error {
	ctx, who, id := c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id"))
	post, err := s.Posts.Edit(ctx, who, id)
	if err != nil { // before any file is taken for a post that is not theirs
		gate.Drain(c)
		return err
	}
	u, err := s.ReadForm(c)
	draft := draftOf(u)
	if err = errors.Join(err, errors.Join(u.Errs...)); err == nil {
		if err = s.Posts.Update(ctx, who, id, draft); err == nil {
			return c.Redirect(http.StatusSeeOther, "/posts/"+string(id)+"?notice=saved")
		}
	} else if u.Fields != nil {
		err = errors.Join(err, s.Posts.Check(gate.Visitor(c), draft))
	}
	gate.Drain(c)
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		data := postFormPage{Frame: s.Frame(c, "Edit post"), PostID: id, Files: post.Files, Form: postFormOf(u), Problems: problems}
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
