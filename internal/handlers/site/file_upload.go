package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// fileJSON describes a file that no post has yet to the script of the upload form.
type fileJSON struct {
	ID    models.FileID    `json:"id"`
	Name  models.Filename  `json:"name"`
	Size  int64            `json:"size"`
	State models.FileState `json:"state"`
	URL   string           `json:"url"`
}

func fileJSONOf(f models.File) fileJSON {
	return fileJSON{f.ID, f.Name, f.Size, f.State, page.FileURL(f)}
}

// FileCreate handles POST /files: it receives the files of a form, or one file
// from the script of the page.
func (s *Site) FileCreate(c echo.Context) error {
	u, err := s.ReadForm(c)
	if err == nil && len(u.Files)+len(u.Errs) == 0 {
		err = problem.OnField("file", "Choose a file.")
	}
	if err = errors.Join(err, errors.Join(u.Errs...)); err != nil {
		gate.Drain(c)
		if gate.WantsJSON(c) {
			return err
		}
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFileList(c, status, problems)
		})
	}
	if gate.WantsJSON(c) {
		return c.JSON(http.StatusCreated, fileJSONOf(u.Files[0]))
	}
	return s.Tell(c, "/files", "uploaded")
}

// FileState handles GET /files/:id/state: the script of the page polls it until
// an image is processed.
func (s *Site) FileState(c echo.Context) error {
	f, err := s.Files.Find(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"state": string(f.State), "reason": f.Reason, "metadata": string(f.Metadata)})
}
