package site

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// ShareFile handles GET /s/:secret/files/:id/:name: a file of a share. It is always a
// download, in a sandbox, so it needs no content host. Its first byte takes a place.
func (s *Site) ShareFile(c echo.Context) error {
	v, err := s.visit(c)
	if err != nil {
		return s.refuseVisit(c, err)
	}
	if err := mayDownload(v); err != nil {
		return err
	}
	ctx, id := c.Request().Context(), models.FileID(c.Param("id"))
	f, err := s.Shares.File(ctx, v, id)
	if err != nil {
		return err
	}
	opened, err := s.Files.OpenFound(ctx, f)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	what := transfer.Bytes{
		Content: opened.Blob.ReadSeekCloser, Size: opened.Blob.Size, ModTime: opened.Blob.ModTime, MediaType: opened.MediaType,
		ETag: opened.ETag, Disposition: transfer.Disposition("attachment", string(f.Name)),
	}
	return s.sendShared(c, v, what, f.ID, string(f.Name), func(ctx context.Context) error {
		_, err := s.Shares.File(ctx, v, id)
		return err
	})
}

func mayDownload(v shares.Visit) error {
	if v.Share.May(models.ShareDownload) || v.Own() {
		return nil
	}
	return problem.New(problem.Forbidden, "This link lets you look, but not download.")
}

// sendShared sends bytes of a share as one pickup, charges the visitor, and cuts the
// response once may returns an error or a named visitor's session has ended. The item
// is the file, or empty for the zip.
func (s *Site) sendShared(
	c echo.Context, v shares.Visit, what transfer.Bytes, item models.FileID, name string, may func(context.Context) error,
) error {
	pickup := s.Shares.Pickup(v, item, name, what.Size)
	ctx := c.Request().Context()
	what.Charged = true
	what.Begin = func() error { return pickup.Begin(ctx) }
	what.End = func(sent, length int64) {
		if err := pickup.End(ctx, sent, length); err != nil {
			s.Log.LogAttrs(ctx, slog.LevelError, "end of a pickup", slog.Any("err", err))
		}
	}
	what.May = may
	if gate.CredentialOf(c) != "" {
		signedIn := s.StillAuthenticated(c)
		what.May = func(ctx context.Context) error {
			if err := signedIn(ctx); err != nil {
				return err
			}
			return may(ctx)
		}
	}
	return s.SendBytes(c, what)
}

// ShareThumbnail handles GET /s/:secret/files/:id/thumbnail and its variant with a
// width: a preview of an image, which takes no place.
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
