package handlers

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// apiFileCreate handles PUT /api/v1/files/:name: a file as the bare body, which
// streams. Two files may have one name, so the answer says where it is.
func (s *Server) apiFileCreate(c echo.Context) error {
	name := c.Param("name")
	r, body := c.Request(), newBareBody(c)
	f, err := s.Files.Receive(r.Context(), visitor(c), files.Input{
		Name: name, DeclaredType: r.Header.Get(echo.HeaderContentType), Size: r.ContentLength, Body: body,
	})
	if err != nil {
		body.drain()
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.apiURL("/files/"+string(f.ID)))
	return sendJSON(c, http.StatusCreated, s.apiFileOf(visitor(c), f))
}

// A bareBody is a file that is the whole body of a request.
type bareBody struct {
	c      echo.Context
	begun  bool
	waits  bool // the sender waits for us to begin
	broken bool
}

func newBareBody(c echo.Context) *bareBody {
	return &bareBody{c: c, waits: strings.EqualFold(c.Request().Header.Get("Expect"), "100-continue")}
}

// Read implements io.Reader. A body that breaks off is a problem of its sender,
// and must not pass for a file that ends there.
func (b *bareBody) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.c.Request().Body.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		b.broken = true
		err = problem.New(problem.Malformed, "The upload was interrupted. Send the file again.")
	}
	return n, err
}

// drain takes the rest of a body that was refused. A sender who waits for us
// before they begin is told that nothing more will be read.
func (b *bareBody) drain() {
	switch {
	case b.waits && !b.begun:
		b.c.Response().Header().Set("Connection", "close")
	case !b.broken:
		drain(b.c)
	}
}

// apiFileList handles GET /api/v1/me/files.
func (s *Server) apiFileList(c echo.Context) error {
	place, err := placeIn(c, "before")
	if err != nil {
		return err
	}
	who := visitor(c)
	page, err := s.Files.List(c.Request().Context(), who, place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(s, c, "/me/files", url.Values{}, place, page, func(v models.FileView) apiFile { return s.apiFileOf(who, v.File) })
}

// apiFileShow handles GET /api/v1/files/:id. Only its owner sees a file that is
// not ready, or in quarantine.
func (s *Server) apiFileShow(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	f, err := s.Files.Record(c.Request().Context(), visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, s.apiFileOf(visitor(c), f))
}

// apiFileContent handles GET /api/v1/files/:id/content.
func (s *Server) apiFileContent(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	opened, err := s.Files.Open(c.Request().Context(), visitor(c), id)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return asProblem(c, func() error {
		return s.SendFile(c, opened, ShownBytes, filetypes.Inline(opened.MediaType, opened.File.Kind))
	})
}

// apiFileThumbnail handles GET /api/v1/files/:id/thumbnail, with ?width=1280
// for the large one.
func (s *Server) apiFileThumbnail(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	width := models.ThumbnailSmall
	switch c.QueryParam("width") {
	case "", "320":
	case "1280":
		width = models.ThumbnailLarge
	default:
		return problem.OnField("width", "Must be %d or %d, the widths of thumbnails in pixels.", models.ThumbnailSmall, models.ThumbnailLarge)
	}
	opened, err := s.Files.OpenThumbnail(c.Request().Context(), visitor(c), id, width)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return asProblem(c, func() error {
		return s.SendBytes(c, PartOfPage(opened.Blob, opened.MediaType, opened.ETag))
	})
}

// apiFileDelete handles DELETE /api/v1/files/:id.
func (s *Server) apiFileDelete(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	if err := s.Files.Delete(c.Request().Context(), visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
