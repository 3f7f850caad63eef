package handlers

import (
	"context"
	"maps"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// bytesPolicy is the Content-Security-Policy of what a user uploaded: should
// it turn out to be active after all, it runs in nobody's name and reaches
// nothing (OWASP ASVS 5.0, 3.2.1).
const bytesPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

// fileDownload handles GET /files/:id/:name. The name is only there for the
// browser; the identifier counts.
func (s *Server) fileDownload(c echo.Context) error {
	opened, err := s.Files.Open(c.Request().Context(), visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	inline := filetypes.Inline(opened.MediaType, opened.File.Kind) && c.QueryParam("download") == ""
	return s.toContent(c, opened, shownBytes, inline)
}

// fileOriginal handles GET /files/:id/original: the bytes as they were
// uploaded, for their owner, as a download.
func (s *Server) fileOriginal(c echo.Context) error {
	opened, err := s.Files.OpenOriginal(c.Request().Context(), visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return s.toContent(c, opened, originalBytes, false)
}

// fileThumbnail handles GET /files/:id/thumbnail and, for a width of 1280,
// GET /files/:id/thumbnail/:width.
func (s *Server) fileThumbnail(c echo.Context) error {
	width := models.ThumbnailSmall
	if asked := c.Param("width"); asked == strconv.Itoa(models.ThumbnailLarge) {
		width = models.ThumbnailLarge
	} else if asked != "" {
		return problem.New(problem.NotFound, "There is no thumbnail of that width.")
	}
	opened, err := s.Files.OpenThumbnail(c.Request().Context(), visitor(c), models.FileID(c.Param("id")), width)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return s.sendBytes(c, sending{blob: opened.Blob, mediaType: opened.MediaType, etag: opened.ETag})
}

// sendFile gives what is opened to the viewer of link, for as long as they may
// have it.
func (s *Server) sendFile(c echo.Context, opened files.OpenFile, link contentLink) error {
	return s.sendBytes(c, sending{
		blob: opened.Blob, mediaType: opened.MediaType, etag: opened.ETag,
		disposition: contentDisposition(link.disposition(), string(opened.File.Name)),
		may:         func(ctx context.Context) error { return s.stillMay(ctx, link) },
		charged:     true,
	})
}

// sending is bytes on their way to a visitor.
type sending struct {
	blob        *storage.Blob
	mediaType   string // ours, never the uploader's
	etag        string
	disposition string                      // empty: a picture within a page of ours
	cache       string                      // empty: ask again each time, for rights may change
	may         func(context.Context) error // asked while bytes go; nil: they are few
	charged     bool                        // to the visitor; what is part of a page is free
}

// sendBytes is the one place that serves what users uploaded, so its guards
// cannot be forgotten. It answers ranges, conditions and HEAD (RFC 9110).
func (s *Server) sendBytes(c echo.Context, what sending) error {
	h := c.Response().Header()
	before := maps.Clone(h)
	h.Set("Content-Security-Policy", bytesPolicy)
	h.Set("Content-Type", filetypes.Header(what.mediaType))
	h.Set("ETag", what.etag)
	h.Set("Cache-Control", "private, no-cache")
	if what.cache != "" {
		h.Set("Cache-Control", what.cache)
	}
	if what.disposition != "" {
		h.Set("Content-Disposition", what.disposition)
	}
	out := newPacedWriter(c.Response().Writer, s.Settings.WriteTimeout)
	stop := out.watch(c.Request().Context(), what.may)
	defer stop()
	if what.charged && c.Request().Method != http.MethodHead {
		defer s.paysFor(c, out, what.blob.Size)()
	}
	// net/http's own writer and the very *os.File: then the kernel copies.
	http.ServeContent(out, c.Request(), "", what.blob.ModTime, what.blob.ReadSeekCloser)
	if out.refused != nil {
		clear(h)
		maps.Copy(h, before)
		s.tellWindows(c, nil) // they were counted in between
		return out.refused
	}
	c.Response().Status, c.Response().Size, c.Response().Committed = out.status, out.written, true
	return nil
}
