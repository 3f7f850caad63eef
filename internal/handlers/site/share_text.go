package site

import (
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// maxTextBytes is how much of a text file the page of a share shows.
const maxTextBytes = 512 << 10

// shareTextPage is the page "share_text": the beginning of a text file, for visitors of a
// share who may not download.
type shareTextPage struct {
	page.Frame
	Link string // path of the share
	File models.File
	Text string // in UTF-8
	More bool   // the file goes on
}

// ShareText handles GET /s/:secret/files/:id/text: a text file to look at, in a share that
// only shows. Other shares have none: reading a text there is a download, which takes a
// place.
func (s *Site) ShareText(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	ctx := c.Request().Context()
	f, err := s.Shares.File(ctx, v, models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	if v.Share.May(models.ShareDownload) || f.Kind != models.KindText {
		return problem.New(problem.NotFound, "There is nothing to look at here.")
	}
	opened, err := s.Files.OpenFound(ctx, f)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	text, err := io.ReadAll(io.LimitReader(opened.Blob, maxTextBytes))
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "share_text", shareTextPage{
		Frame: s.GuestFrame(c, string(f.Name)), Link: sharePath(c), File: f, Text: readable(text), More: opened.Blob.Size > int64(len(text)),
	})
}

// readable returns text without what a page cannot show: bytes that are no UTF-8, such as
// half a character at the end, and NUL.
func readable(text []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(text), "\uFFFD"), "\x00", "\uFFFD")
}
