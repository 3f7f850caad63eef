package site

import (
	"errors"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// PostCreate handles POST /posts: a new post, with the files sent in its form.
func (s *Site) PostCreate(c echo.Context) error {
	form, draft, err := s.readPost(c)
	if err == nil {
		err = s.askFirstPublic(c, form, draft)
	}
	if err != nil {
		return s.showPostAgain(c, err, form, draft, models.PostView{})
	}
	draft.Chosen = true
	draft.ID = postIDOf(c, form, draft)
	id, err := s.Posts.Create(c.Request().Context(), gate.Visitor(c), draft)
	if errors.Is(err, posts.ErrRepeated) {
		id, err = s.repeated(c, form, draft)
	}
	if err != nil {
		return s.showPostAgain(c, err, form, draft, models.PostView{})
	}
	return s.Tell(c, "/posts/"+string(id), "posted")
}

// postIDOf returns the ID of the post in form, if the form has a key: with the same words
// and files it is the same post.
func postIDOf(c echo.Context, form transfer.Form, draft posts.Draft) models.PostID {
	typed := []string{draft.Title, draft.Content, draft.Tags, draft.Visibility}
	typed = append(typed, form.Fields["file_ids"]...)
	for _, f := range form.Files {
		typed = append(typed, string(f.Name), f.SHA256)
	}
	return models.PostIDOf(gate.Visitor(c).ID, form.Get("form_key"), typed...)
}

// repeated returns the post of a form that was sent before. If its author has deleted that
// post since, the form makes another.
func (s *Site) repeated(c echo.Context, form transfer.Form, draft posts.Draft) (models.PostID, error) {
	ctx, who := c.Request().Context(), gate.Visitor(c)
	if _, err := s.Posts.Show(ctx, who, draft.ID); problem.KindOf(err) == problem.NotFound {
		draft.ID = ""
		return s.Posts.Create(ctx, who, draft)
	}
	return draft.ID, s.dropFiles(c, form.Files)
}

// dropFiles deletes what came with a form that was sent before.
func (s *Site) dropFiles(c echo.Context, files []models.File) error {
	for _, f := range files {
		if err := s.Files.Delete(c.Request().Context(), gate.Visitor(c), f.ID); err != nil {
			return err
		}
	}
	return nil
}

// PostUpdate handles POST /posts/:id/edit. It receives no file before it knows
// that the visitor can edit the post.
func (s *Site) PostUpdate(c echo.Context) error {
	ctx, who, id := c.Request().Context(), gate.Visitor(c), models.PostID(c.Param("id"))
	post, err := s.Posts.Edit(ctx, who, id)
	if err != nil {
		gate.Drain(c)
		return err
	}
	form, draft, err := s.readPost(c)
	if err == nil && post.Visibility != models.Public {
		err = s.askFirstPublic(c, form, draft)
	}
	if err != nil {
		return s.showPostAgain(c, err, form, draft, post)
	}
	draft.Chosen = true
	if err := s.Posts.Update(ctx, who, id, draft); err != nil {
		return s.showPostAgain(c, err, form, draft, post)
	}
	return s.Tell(c, "/posts/"+string(id), "saved")
}

// readPost reads the form of a post and receives its files. If reading it fails,
// the error joins all problems of the form; the service finds those of a form that
// could be read.
func (s *Site) readPost(c echo.Context) (form transfer.Form, draft posts.Draft, err error) {
	form, err = s.ReadForm(c)
	if form.Fields == nil { // the body is no form
		return form, draft, err
	}
	draft = draftOf(form)
	if err = errors.Join(err, errors.Join(form.Errs...)); err != nil {
		err = errors.Join(err, s.Posts.Check(gate.Visitor(c), draft))
	}
	return form, draft, err
}

// errFirstPublic stands for the question before a user's first public post. The form asks it at
// the choice of everyone.
var errFirstPublic = problem.OnField("everyone", "Say whether you want to show this post to everyone.")

// askFirstPublic returns errFirstPublic if the draft would be the visitor's first public
// post, unless they have answered or the form has other problems.
func (s *Site) askFirstPublic(c echo.Context, form transfer.Form, draft posts.Draft) error {
	if models.Visibility(draft.Visibility) != models.Public || form.Get("everyone") == "yes" {
		return nil
	}
	has, err := s.Posts.HasPublic(c.Request().Context(), gate.Visitor(c))
	if err != nil || has {
		return err
	}
	if err := s.Posts.Check(gate.Visitor(c), draft); err != nil {
		return err
	}
	return errFirstPublic
}

// draftOf returns the draft in the form: its files are those uploaded earlier,
// unless the author removes them, and those received with it.
func draftOf(form transfer.Form) posts.Draft {
	d := posts.Draft{Title: form.Get("title"), Content: form.Get("content"), Tags: form.Get("tags"), Visibility: form.Get("visibility")}
	d.Remove = fileIDsIn(form, "remove_files")
	for _, id := range fileIDsIn(form, "file_ids") {
		if !slices.Contains(d.Remove, id) {
			d.Files = append(d.Files, id)
		}
	}
	for _, f := range form.Files {
		d.Files = append(d.Files, f.ID)
	}
	return d
}

// missingFile is the ID of no file. It stands for malformed IDs, which the
// database may not be able to compare.
const missingFile models.FileID = "NONE"

// fileIDsIn returns the file IDs in a field, malformed ones as missingFile.
func fileIDsIn(form transfer.Form, field string) (ids []models.FileID) {
	for _, value := range form.Fields[field] {
		id := models.FileID(value)
		if !models.IsID(value) {
			id = missingFile
		}
		ids = append(ids, id)
	}
	return ids
}

// showPostAgain shows a form that err refused, filled in as sent. Files that
// were received stay attached to the form, so that the author need not send them again.
// The zero post stands for a new one.
func (s *Site) showPostAgain(c echo.Context, err error, form transfer.Form, draft posts.Draft, post models.PostView) error {
	gate.Drain(c)
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		received, err := s.Files.Mine(c.Request().Context(), gate.Visitor(c), unattached(draft.Files, post.Files))
		if err != nil {
			return err
		}
		return s.showPostForm(c, status, postFormPage{
			Asked: slices.Contains(problems, errFirstPublic), PostID: post.ID, Files: append(post.Files, received...), Problems: problems,
			Form: postForm{
				Title: draft.Title, Content: draft.Content, Tags: draft.Tags, Visibility: draft.Visibility,
				Everyone: form.Get("everyone") == "yes", RemoveFiles: form.Fields["remove_files"],
			},
		})
	})
}

// unattached returns the ids of files that are not among attached.
func unattached(ids []models.FileID, attached []models.File) []models.FileID {
	return slices.DeleteFunc(slices.Clone(ids), func(id models.FileID) bool {
		return slices.ContainsFunc(attached, func(f models.File) bool { return f.ID == id })
	})
}
