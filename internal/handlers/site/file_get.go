package site

import (
	"context"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
)

// FileDownload handles GET /files/:id/:name: the bytes of a file. The ID
// selects the file; the name is for the browser.
func (s *Site) FileDownload(c echo.Context) error {
	opened, err := s.openFile(c)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	inline := filetypes.Inline(opened.File) && c.QueryParam("download") == ""
	return s.SendFile(c, opened, gate.ShownBytes, inline)
}

// openFile opens the file of the route for the visitor.
func (s *Site) openFile(c echo.Context) (files.OpenFile, error) {
	if f := gate.VisitOf(c).File; f != nil {
		return s.Files.OpenFound(c.Request().Context(), *f)
	}
	return s.Files.Open(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
}

// PostZip handles GET /posts/:id/zip: the files of a post as one archive.
func (s *Site) PostZip(c echo.Context) error {
	who := gate.Visitor(c)
	post, err := s.Posts.Show(c.Request().Context(), who, models.PostID(c.Param("id")))
	if err != nil {
		return err
	}
	return s.SendZip(c, transfer.Zip{
		Title: string(post.Title), Files: post.Files,
		Find: func(ctx context.Context, id models.FileID) (models.File, error) { return s.Files.Find(ctx, who, id) },
		May:  s.mayStillRead(c),
	})
}

// mayStillRead returns a function that returns an error once the credential of the
// visitor has ended. It is nil for a guest, who has none.
func (s *Site) mayStillRead(c echo.Context) func(context.Context) error {
	if !gate.Visitor(c).SignedIn() {
		return nil
	}
	return s.StillAuthenticated(c)
}

// FileOriginal handles GET /files/:id/original: the bytes as uploaded, as a
// download for their owner.
func (s *Site) FileOriginal(c echo.Context) error {
	opened, err := s.Files.OpenOriginal(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return s.SendFile(c, opened, gate.OriginalBytes, false)
}

// openThumbnail opens a thumbnail of the file of the route for the visitor.
func (s *Site) openThumbnail(c echo.Context, width int) (files.OpenFile, error) {
	if f := gate.VisitOf(c).File; f != nil {
		return s.Files.OpenFoundThumbnail(c.Request().Context(), *f, width)
	}
	return s.Files.OpenThumbnail(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")), width)
}

// FileThumbnail handles GET /files/:id/thumbnail and GET
// /files/:id/thumbnail/:width: a preview of an image, 1280 pixels wide if the
// path says so.
func (s *Site) FileThumbnail(c echo.Context) error {
	width, err := thumbnailWidth(c)
	if err != nil {
		return err
	}
	opened, err := s.openThumbnail(c, width)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return s.SendBytes(c, transfer.PartOfPage(opened.Blob, opened.MediaType, opened.ETag))
}
