package site

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// ShareFile handles GET /s/:secret/files/:id/:name: a file of a share. It is always a
// download, in a sandbox, so it needs no content host. Its first byte takes a place.
func (s *Site) ShareFile(c echo.Context) error {
	ctx, id := c.Request().Context(), models.FileID(c.Param("id"))
	v, err := s.visitFor(c, id, true)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	if err := mayDownload(v); err != nil {
		return err
	}
	f, err := s.Shares.File(ctx, v, id)
	if err != nil {
		return err
	}
	opened, err := s.Files.OpenFound(ctx, f)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	begin, end := s.pickup(c, v, f.ID, string(opened.Name), opened.Blob.Size)
	return s.SendBytes(c, transfer.Bytes{
		Content: opened.Blob.ReadSeekCloser, Size: opened.Blob.Size, ModTime: opened.Blob.ModTime, MediaType: opened.MediaType,
		ETag: opened.ETag, Disposition: transfer.Disposition("attachment", string(opened.Name)), Charged: true, Begin: begin, End: end,
		May: func(ctx context.Context) error {
			if signedIn := s.mayStillRead(c); signedIn != nil {
				if err := signedIn(ctx); err != nil {
					return err
				}
			}
			_, err := s.Shares.File(ctx, v, id)
			return err
		},
	})
}

// ShareZip handles GET /s/:secret/zip: all files of a share. Its first byte takes a
// place.
func (s *Site) ShareZip(c echo.Context) error {
	v, err := s.visitFor(c, "", true)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	if err := mayDownload(v); err != nil {
		return err
	}
	ctx := c.Request().Context()
	files, err := s.Shares.Files(ctx, v)
	if err != nil {
		return err
	}
	post, err := s.Shares.Post(ctx, v)
	if err != nil {
		return err
	}
	title := string(post.Title)
	if title == "" {
		title = "files"
	}
	begin, end := s.pickup(c, v, "", title+".zip", transfer.ZipSize(files))
	return s.SendZip(c, transfer.Zip{
		Title: title, Files: files, May: s.mayStillRead(c), Begin: begin, End: end,
		Find: func(ctx context.Context, id models.FileID) (models.File, error) { return s.Shares.File(ctx, v, id) },
	})
}

func mayDownload(v shares.Visit) error {
	if v.Share.May(models.ShareDownload) || v.Own() {
		return nil
	}
	return problem.New(problem.Forbidden, "This link lets you look, but not download.")
}

// pickup returns what counts a download of a share: call begin before its first byte,
// and end after its last. The item is the file, or empty for the zip; size is in bytes.
func (s *Site) pickup(
	c echo.Context, v shares.Visit, item models.FileID, name string, size int64,
) (begin func() error, end func(sent, length int64)) {
	one, ctx := s.Shares.Pickup(v, item, name, size), c.Request().Context()
	begin = func() error { return one.Begin(ctx) }
	end = func(sent, length int64) {
		if err := one.End(ctx, sent, length); err != nil {
			s.Log.LogAttrs(ctx, slog.LevelError, "end of a pickup", slog.Any("err", err))
		}
	}
	return begin, end
}

// ShareThumbnail handles GET /s/:secret/files/:id/thumbnail and its variant with a
// width: a preview of an image, which does not count as a download.
func (s *Site) ShareThumbnail(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	width, err := thumbnailWidth(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	f, err := s.Shares.File(ctx, v, models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	opened, err := s.Files.OpenFoundThumbnail(ctx, f, width)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return s.SendBytes(c, transfer.PartOfPage(opened.Blob, opened.MediaType, opened.ETag))
}

// thumbnailWidth returns the width that the path asks for.
func thumbnailWidth(c echo.Context) (int, error) {
	switch c.Param("width") {
	case "":
		return models.ThumbnailSmall, nil
	case strconv.Itoa(models.ThumbnailLarge):
		return models.ThumbnailLarge, nil
	}
	return 0, problem.New(problem.NotFound, "No thumbnail has this width.")
}
