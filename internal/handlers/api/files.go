package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An attachmentJSON is a file of a post.
type attachmentJSON struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Size         int64  `json:"size"`
	MediaType    string `json:"media_type"`
	Kind         string `json:"kind"`
	State        string `json:"state"`
	Reason       string `json:"reason,omitempty"`
	Metadata     string `json:"metadata,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	URL          string `json:"url"`
	ContentURL   string `json:"content_url"`
	ThumbnailURL string `json:"thumbnail_url,omitempty"`
}

// A fileJSON is a file with its post and hash.
type fileJSON struct {
	attachmentJSON
	PostID    string    `json:"post_id,omitempty"`
	SHA256    string    `json:"sha256,omitempty"` // of the original, for its owner only
	CreatedAt time.Time `json:"created_at"`
}

// attachmentOf returns f as a file of a post.
func (a *API) attachmentOf(f models.File) attachmentJSON {
	out := attachmentJSON{
		ID: string(f.ID), Name: string(f.Name), Size: f.Size, MediaType: f.MediaType, Kind: string(f.Kind),
		State: string(f.State), Reason: f.Reason, Metadata: string(f.Metadata), Width: f.Width, Height: f.Height,
		URL: a.Options.PublicURL + page.FileURL(f), ContentURL: a.apiURL("/files/" + string(f.ID) + "/content"),
	}
	if f.HiddenAt != nil { // only its owner can see it
		out.State = "quarantined"
	} else if f.HasThumbnail() {
		out.ThumbnailURL = a.apiURL("/files/" + string(f.ID) + "/thumbnail")
	}
	return out
}

// fileOf returns f as viewer sees it.
func (a *API) fileOf(viewer models.User, f models.File) fileJSON {
	out := fileJSON{attachmentJSON: a.attachmentOf(f), CreatedAt: f.CreatedAt.UTC()}
	if f.PostID != nil {
		out.PostID = string(*f.PostID)
	}
	if f.OwnerID == viewer.ID {
		out.SHA256 = f.SHA256
	}
	return out
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

// FileShow handles GET /api/v1/files/:id. Only the owner sees a file that is not ready
// or in quarantine.
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
		return a.SendFile(c, opened, gate.ShownBytes, filetypes.Inline(opened.File))
	})
}

// FileThumbnail handles GET /api/v1/files/:id/thumbnail, and ?width=1280 for the large
// thumbnail.
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

// FileAllowMetadata handles POST /api/v1/files/:id/allow-metadata.
func (a *API) FileAllowMetadata(c echo.Context) error {
	f, err := a.Files.AllowMetadata(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.fileOf(gate.Visitor(c), f))
}

// FileRename handles PATCH /api/v1/files/:id.
func (a *API) FileRename(c echo.Context) error {
	var name *string
	if err := readJSON(c, jsonFields{"name": &name}); err != nil {
		return err
	}
	if name != nil { // without it nothing changes
		if err := a.Files.Rename(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")), *name); err != nil {
			return err
		}
	}
	return a.FileShow(c)
}

// FileReplace handles POST /api/v1/files/:id/content. The new content is the whole body. It is
// a POST, because a token with the scope "upload", for PUT, must change nothing that exists.
func (a *API) FileReplace(c echo.Context) error {
	body := gate.NewBareBody(c)
	f, err := a.Files.Replace(c.Request().Context(), gate.Visitor(c), models.FileID(c.Param("id")), body)
	if err != nil {
		body.Drain()
		return err
	}
	return sendJSON(c, http.StatusOK, a.fileOf(gate.Visitor(c), f))
}

// FileDelete handles DELETE /api/v1/files/:id.
func (a *API) FileDelete(c echo.Context) error {
	id := models.FileID(c.Param("id"))
	if err := a.Files.Delete(c.Request().Context(), gate.Visitor(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
