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

// fileRow is a file of the viewer, and where it is attached.
type fileRow struct {
	models.File
	PostTitle string // empty: attached to no post
}

// fileListPage is the page "file_list". Its field is file.
type fileListPage struct {
	page.Frame
	Files    []fileRow
	Older    string // address of the next stretch of the list; empty: its end
	Used     int64  // bytes that count against the quota
	Quota    int64  // zero: no limit
	Limits   page.UploadLimits
	Problems page.Problems
}

// FileList handles GET /files.
func (s *Site) FileList(c echo.Context) error {
	return s.showFileList(c, http.StatusOK, nil)
}

func (s *Site) showFileList(c echo.Context, status int, problems page.Problems) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	found, err := s.Files.List(c.Request().Context(), who, before, filesPage)
	if err != nil {
		return err
	}
	data := fileListPage{
		Frame: s.Frame(c, "Your files"), Older: page.NextAddress("/files", "before", found.Next),
		Used: who.StorageUsed, Quota: s.Files.PolicyOf(who).Storage, Limits: s.UploadLimits(c), Problems: problems,
	}
	for _, f := range found.Items {
		data.Files = append(data.Files, fileRow{File: f.File, PostTitle: string(f.PostTitle)})
	}
	return s.Show(c, status, "file_list", data)
}

// filesPage is how many files one page of the list has.
const filesPage = 50

// A fileJSON is a file just received, for the script of the upload form.
type fileJSON struct {
	ID    models.FileID    `json:"id"`
	Name  models.Filename  `json:"name"`
	Size  int64            `json:"size"`
	State models.FileState `json:"state"`
	URL   string           `json:"url"`
}

// FileCreate handles POST /files: a form of the page, or one file from its script.
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
		f := u.Files[0]
		return c.JSON(http.StatusCreated, fileJSON{f.ID, f.Name, f.Size, f.State, page.FileURL(f)})
	}
	return c.Redirect(http.StatusSeeOther, "/files?notice=uploaded")
}

// FileDelete handles POST /files/:id/delete.
func (s *Site) FileDelete(c echo.Context) error {
	if err := s.Files.Delete(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/files?notice=file")
}

// FileState handles GET /files/:id/state, for the script that waits until a
// picture is ready.
func (s *Site) FileState(c echo.Context) error {
	f, err := s.Files.Find(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"state": string(f.State), "reason": f.Reason})
}
