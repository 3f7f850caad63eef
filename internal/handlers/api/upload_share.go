package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A sharedFileJSON is a file that was uploaded and shared at once.
type sharedFileJSON struct {
	fileJSON
	Share shareJSON `json:"share"`
}

// sharePasswordHeader has the password of a share that an upload makes. A URL must hold
// none, because logs keep it (OWASP ASVS 5.0, 14.2.1).
const sharePasswordHeader = "Share-Password"

// shareInQuery returns the share that the URL of an upload asks for. Its life is in the
// parameter "share".
func shareInQuery(c echo.Context) models.ShareInput {
	return models.ShareInput{
		Expires: c.QueryParam("share"), Sender: c.QueryParam("from"), Note: c.QueryParam("note"), Permission: c.QueryParam("permission"),
		Downloads: c.QueryParam("max_downloads"), Users: c.QueryParam("users"), Password: c.Request().Header.Get(sharePasswordHeader),
	}
}

// queryFields are the names that the URL of an upload has for fields of
// models.ShareInput. Too many shares are a problem of "share" too.
var queryFields = map[string]string{"sender": "from", "expires": "share", "downloads": "max_downloads", "": "share"}

// FileCreate handles PUT /api/v1/files/:name. The file is the whole body, which
// streams. Several files can have the same name, so Location has the URL of this one.
// With ?share, it also shares the file.
func (a *API) FileCreate(c echo.Context) error {
	if c.QueryParams().Has("share") {
		return a.uploadAndShare(c)
	}
	f, err := a.receive(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, a.apiURL("/files/"+string(f.ID)))
	return sendJSON(c, http.StatusCreated, a.fileOf(gate.Visitor(c), f))
}

// Up handles PUT /up/:name: it uploads a file, shares it, and answers with the link as
// one line of text. curl -T adds the name to a URL that ends with a slash.
func (a *API) Up(c echo.Context) error { return a.uploadAndShare(c) }

// receive stores the body of c as a file.
func (a *API) receive(c echo.Context) (models.File, error) {
	r, body := c.Request(), gate.NewBareBody(c)
	f, err := a.Files.Receive(r.Context(), gate.Visitor(c), files.Input{
		Name: c.Param("name"), Size: r.ContentLength, Body: body,
	})
	if err != nil {
		body.Drain()
	}
	return f, err
}

// uploadAndShare stores the body of c as a file of a new private post, and answers with
// a link to it. It checks the options of the link before it reads the body. Whatever it
// refuses, it leaves neither a file nor a post.
func (a *API) uploadAndShare(c echo.Context) error {
	ctx, who, in := c.Request().Context(), gate.Visitor(c), shareInQuery(c)
	if err := a.Shares.Check(ctx, who, in); err != nil {
		gate.NewBareBody(c).Drain()
		return inFields(queryFields, err)
	}
	f, err := a.receive(c)
	if err != nil {
		return err
	}
	v, err := a.Shares.CreateOfFiles(ctx, gate.Actor(c), []models.FileID{f.ID}, in)
	if err != nil {
		if undo := a.Files.Delete(context.WithoutCancel(ctx), who, f.ID); undo != nil && problem.KindOf(undo) != problem.NotFound {
			return undo
		}
		return inFields(queryFields, err)
	}
	f.PostID = v.PostID
	c.Response().Header().Set(echo.HeaderLocation, v.Link)
	if gate.WantsText(c) {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.String(http.StatusCreated, v.Link+"\n")
	}
	return sendJSON(c, http.StatusCreated, sharedFileJSON{a.fileOf(who, f), a.shareOf(v, true)})
}
