package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// FileCreate handles PUT /api/v1/files/:name: a file as the bare body, which
// streams. Two files may have one name, so the answer says where it is.
func (a *API) FileCreate(c echo.Context) error {
	name := c.Param("name")
	r, body := c.Request(), gate.NewBareBody(c)
	f, err := a.Files.Receive(r.Context(), gate.Visitor(c), files.Input{
		Name: name, DeclaredType: r.Header.Get(echo.HeaderContentType), Size: r.ContentLength, Body: body,
	})
	if err != nil {
		body.Drain()
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, a.uRL("/files/"+string(f.ID)))
	return sendJSON(c, http.StatusCreated, a.fileOf(gate.Visitor(c), f))
}

// FileList handles GET /api/v1/me/files.
func (a *API) FileList(c echo.Context) error {
	place, err := readPaging(c, "before")
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	page, err := a.Files.List(c.Request().Context(), who, place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(a, c, "/me/files", url.Values{}, place, page, func(v models.FileView) fileJSON { return a.fileOf(who, v.File) })
}

// FileShow handles GET /api/v1/files/:id. Only its owner sees a file that is
// not ready, or in quarantine.
func (a *API) FileShow(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	f, err := a.Files.Record(c.Request().Context(), gate.Visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.fileOf(gate.Visitor(c), f))
}

// FileContent handles GET /api/v1/files/:id/content.
func (a *API) FileContent(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	opened, err := a.Files.Open(c.Request().Context(), gate.Visitor(c), id)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return transfer.AsProblem(c, func() error {
		return a.SendFile(c, opened, gate.ShownBytes, filetypes.Inline(opened.MediaType, opened.File.Kind))
	})
}

// FileThumbnail handles GET /api/v1/files/:id/thumbnail, with ?width=1280
// for the large one.
func (a *API) FileThumbnail(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	width := models.ThumbnailSmall
	switch c.QueryParam("width") {
	case "", "320":
	case "1280":
		width = models.ThumbnailLarge
	default:
		return problem.OnField("width", "Must be %d or %d, the widths of thumbnails in pixels.", models.ThumbnailSmall, models.ThumbnailLarge)
	}
	opened, err := a.Files.OpenThumbnail(c.Request().Context(), gate.Visitor(c), id, width)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	return transfer.AsProblem(c, func() error {
		return a.SendBytes(c, transfer.PartOfPage(opened.Blob, opened.MediaType, opened.ETag))
	})
}

// FileDelete handles DELETE /api/v1/files/:id.
func (a *API) FileDelete(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	if err := a.Files.Delete(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
