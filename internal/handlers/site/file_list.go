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
	Badge     badge
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
	data.Files, err = s.fileRows(c, found.Items)
	if err != nil {
		return err
	}
	return s.Show(c, status, "file_list", data)
}

// fileRows returns the user's own files with who can open them.
func (s *Site) fileRows(c echo.Context, files []models.FileView) ([]fileRow, error) {
	ids, posts := make([]models.FileID, len(files)), []models.PostID(nil)
	for i, f := range files {
		if ids[i] = f.ID; f.PostID != nil {
			posts = append(posts, *f.PostID)
		}
	}
	open, err := s.Shares.Accesses(c.Request().Context(), gate.Visitor(c), posts, ids)
	rows := make([]fileRow, len(files))
	for i, f := range files {
		rows[i] = fileRow{f.File, string(f.PostTitle), badgeOf("/files/"+string(f.ID), open.File(f.File, f.PostVisibility))}
	}
	return rows, err
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
