package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
)

// fileEditPage is the page "file_edit": another name, or another content, for one of the
// user's files. Its fields are name and file.
type fileEditPage struct {
	page.Frame
	File     models.File
	Name     string // as entered
	Limits   page.UploadLimits
	Problems page.Problems
}

// FileEdit handles GET /files/:id/edit: the forms to rename and to replace a file.
func (s *Site) FileEdit(c echo.Context) error {
	f, err := s.Files.Changeable(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	return s.showFileEdit(c, http.StatusOK, f, string(f.Name), nil)
}

func (s *Site) showFileEdit(c echo.Context, status int, f models.File, name string, problems page.Problems) error {
	return s.Show(c, status, "file_edit", fileEditPage{
		Frame: s.Frame(c, "Rename or replace"), File: f, Name: name, Limits: s.UploadLimits(c), Problems: problems,
	})
}

// FileRename handles POST /files/:id/rename.
func (s *Site) FileRename(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, who, id, name := c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")), form.Get("name")
	if err := s.Files.Rename(ctx, who, id, name); err != nil {
		return s.showFileEditAgain(c, err, name)
	}
	return s.Tell(c, "/files", "renamed")
}

// FileReplace handles POST /files/:id/replace: new content for a file, in a form with one
// file.
func (s *Site) FileReplace(c echo.Context) error {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return transfer.ErrNotMultipart()
	}
	part, err := s.NextFile(c, parts, "file")
	if err == nil {
		_, err = s.Files.Replace(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")), part)
	}
	if err != nil {
		gate.Drain(c)
		return s.showFileEditAgain(c, err, "")
	}
	return s.Tell(c, "/files", "replaced")
}

// showFileEditAgain shows the forms that err refused, with the name that was entered.
func (s *Site) showFileEditAgain(c echo.Context, err error, name string) error {
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		f, err := s.Files.Changeable(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
		if err != nil {
			return err
		}
		if name == "" {
			name = string(f.Name)
		}
		return s.showFileEdit(c, status, f, name, problems)
	})
}
