package site

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// selected returns the IDs of the files that a form of the list selects, each once, or a
// problem at the field "file_ids".
func selected(c echo.Context) ([]models.FileID, error) {
	form, err := gate.ReadForm(c)
	if err != nil {
		return nil, err
	}
	return parseSelected(form["file_ids"])
}

func parseSelected(texts []string) ([]models.FileID, error) {
	var ids []models.FileID
	for _, text := range texts {
		if id := models.FileID(text); models.IsID(text) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		if len(ids) > models.MaxSelected {
			return nil, problem.OnField("file_ids", "Select up to %d files.", models.MaxSelected)
		}
	}
	if len(ids) == 0 {
		return nil, problem.OnField("file_ids", "Select at least one file.")
	}
	return ids, nil
}

// listIDs returns ids as one query parameter.
func listIDs(ids []models.FileID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ",")
}

// showSelectionAgain shows the list with what is wrong with a selection.
func (s *Site) showSelectionAgain(c echo.Context, err error) error {
	if gate.WantsJSON(c) {
		return err
	}
	return s.ShowForm(err, func(status int, problems page.Problems) error {
		return s.showFileList(c, status, problems)
	})
}

// FilesZip handles POST /files/zip: it leads to the archive of the selected files, which as an
// address of its own can be resumed.
func (s *Site) FilesZip(c echo.Context) error {
	ids, err := selected(c)
	if err != nil {
		return s.showSelectionAgain(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/files/zip?ids="+listIDs(ids))
}

// FilesZipDownload handles GET /files/zip: some of the user's own files as one archive.
func (s *Site) FilesZipDownload(c echo.Context) error {
	ids, err := parseSelected(strings.Split(c.QueryParam("ids"), ","))
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	found, err := s.Files.Mine(c.Request().Context(), who, ids)
	if err != nil {
		return err
	}
	return s.SendZip(c, transfer.Zip{
		Title: "files", Files: found,
		Find: func(ctx context.Context, id models.FileID) (models.File, error) { return s.Files.Find(ctx, who, id) },
		May:  s.mayStillRead(c),
	})
}

// FilesShare handles POST /files/share: a link to the selected files: to the file, if it is
// one, and else to a new private post of them.
func (s *Site) FilesShare(c echo.Context) error {
	ids, err := selected(c)
	if err == nil && len(ids) > 1 {
		err = s.requireFree(c, ids, "Share that post, or leave the file out.")
	}
	if err != nil {
		return s.showSelectionAgain(c, err)
	}
	ctx, by := c.Request().Context(), gate.Actor(c)
	var made models.ShareView
	if len(ids) == 1 {
		made, err = s.Shares.Create(ctx, by, shares.Target{File: ids[0]}, models.ShareInput{})
	} else {
		made, err = s.Shares.CreateOfFiles(ctx, by, ids, models.ShareInput{})
	}
	if err != nil {
		return s.showSelectionAgain(c, err)
	}
	return s.Tell(c, "/shares/"+string(made.ID), "shared")
}

// FilesPost handles POST /files/post: it leads to the form for a new post with the selected
// files.
func (s *Site) FilesPost(c echo.Context) error {
	ids, err := selected(c)
	if err == nil {
		err = s.requireFree(c, ids, "A file belongs to one post at most.")
	}
	if err != nil {
		return s.showSelectionAgain(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/posts/new?"+url.Values{"files": {listIDs(ids)}}.Encode())
}

// requireFree returns a problem that names those of the user's files that cannot be put into
// a new post, and says what to do.
func (s *Site) requireFree(c echo.Context, ids []models.FileID, advice string) error {
	found, err := s.Files.Mine(c.Request().Context(), gate.Visitor(c), ids)
	if err != nil {
		return err
	}
	if len(found) < len(ids) {
		return problem.OnField("file_ids", "One of the files no longer exists. Select again.")
	}
	var taken []string
	for _, f := range found {
		if f.PostID != nil {
			taken = append(taken, "“"+string(f.Name)+"”")
		}
	}
	if len(taken) > 0 {
		return problem.OnField("file_ids", "Already in a post: %s. %s", strings.Join(taken, ", "), advice)
	}
	return nil
}

// fileDeletePage is the page "file_delete", which asks before the selected files are deleted.
// Its fields are file_ids and sure.
type fileDeletePage struct {
	page.Frame
	Files []models.File
}

// FilesDelete handles POST /files/delete: it deletes the selected files, once the user has
// said that they are sure.
func (s *Site) FilesDelete(c echo.Context) error {
	ids, err := selected(c)
	if err != nil {
		return s.showSelectionAgain(c, err)
	}
	ctx, who := c.Request().Context(), gate.Visitor(c)
	if c.FormValue("sure") != "yes" {
		found, err := s.Files.Mine(ctx, who, ids)
		if err == nil && len(found) == 0 {
			err = problem.OnField("file_ids", "These files no longer exist.")
		}
		if err != nil {
			return s.showSelectionAgain(c, err)
		}
		return s.Show(c, http.StatusOK, "file_delete", fileDeletePage{Frame: s.Frame(c, "Delete files"), Files: found})
	}
	deleted, err := s.Files.DeleteAll(ctx, who, ids)
	if err != nil {
		return err
	}
	notice := "files"
	if deleted < len(ids) {
		notice = "somefiles"
	}
	return s.Tell(c, "/files", notice)
}
