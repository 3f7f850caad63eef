package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
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

// FileDelete handles POST /files/:id/delete.
func (s *Site) FileDelete(c echo.Context) error {
	if err := s.Files.Delete(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/files?notice=file")
}
