package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// A fileRow is one of the user's files, with the post that it is attached to.
type fileRow struct {
	models.File
	PostTitle string // empty: not attached
}

// fileListPage is the page "file_list". Its field is file.
type fileListPage struct {
	page.Frame
	Files    []fileRow
	Older    string // URL of the next page of the list; empty: none
	Used     int64  // bytes that count against the quota
	Quota    int64  // zero: no limit
	Limits   page.UploadLimits
	Problems page.Problems
}

// FileList handles GET /files: the user's own files, newest first.
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
		Frame: s.Frame(c, "Your files"), Older: page.NextURL("/files", "before", found.Next),
		Used: who.StorageUsed, Quota: s.Files.PolicyOf(who).Storage, Limits: s.UploadLimits(c), Problems: problems,
	}
	for _, f := range found.Items {
		data.Files = append(data.Files, fileRow{File: f.File, PostTitle: string(f.PostTitle)})
	}
	return s.Show(c, status, "file_list", data)
}

// filesPage is the number of files on one page of the list.
const filesPage = 50

// FileDelete handles POST /files/:id/delete: it deletes one of the user's
// files. A script gets no page and so no notice.
func (s *Site) FileDelete(c echo.Context) error {
	if err := s.Files.Delete(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id"))); err != nil {
		return err
	}
	if gate.WantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	return s.Tell(c, "/files", "file")
}
