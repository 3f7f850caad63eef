package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// A requestJSON is a file request of the user's own. Only a token that may write, or that
// made it, gets its link.
type requestJSON struct {
	ID           string     `json:"id"`
	URL          string     `json:"url,omitempty"`
	State        string     `json:"state"`
	Title        string     `json:"title"`
	Message      string     `json:"message"`
	Name         string     `json:"name"`
	PostID       string     `json:"post_id"` // that it fills
	Kinds        []string   `json:"kinds"`   // empty: all
	Sender       string     `json:"sender"`
	OneUse       bool       `json:"one_use"`
	Locked       bool       `json:"locked"`
	Files        int        `json:"files"`
	MaxFiles     int        `json:"max_files"`
	Bytes        int64      `json:"bytes"`
	MaxBytes     int64      `json:"max_bytes"`      // 0: no limit
	MaxFileBytes int64      `json:"max_file_bytes"` // 0: no limit
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	ExpiresAt    *time.Time `json:"expires_at"` // null: never
	ClosedAt     *time.Time `json:"closed_at"`
	LastUsedAt   *time.Time `json:"last_used_at"`
}

// requestOf returns v, with its link if linked.
func (a *API) requestOf(v models.FileRequestView, linked bool) requestJSON {
	out := requestJSON{
		ID: string(v.ID), State: string(v.State(a.Now())), Title: string(v.Title), Message: v.Message, Name: v.Name,
		PostID: string(v.PostID), Kinds: strings.Fields(v.Kinds), Sender: string(v.Sender), OneUse: v.OneUse, Locked: v.Locked(),
		Files: v.Files, MaxFiles: v.MaxFiles, Bytes: v.Bytes, MaxBytes: v.MaxBytes, MaxFileBytes: v.MaxFileBytes,
		CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), ExpiresAt: inUTC(v.ExpiresAt), ClosedAt: inUTC(v.RevokedAt),
		LastUsedAt: inUTC(v.UsedAt),
	}
	if linked {
		out.URL = v.Link
	}
	return out
}

// RequestList handles GET /api/v1/requests.
func (a *API) RequestList(c echo.Context) error {
	place, err := readPaging(c, "before")
	if err != nil {
		return err
	}
	page, err := a.Requests.List(c.Request().Context(), gate.Visitor(c), place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(a, c, "/requests", url.Values{}, place, page,
		func(v models.FileRequestView) requestJSON { return a.requestOf(v, seesLinks(c)) })
}

// RequestShow handles GET /api/v1/requests/:id.
func (a *API) RequestShow(c echo.Context) error {
	return a.sendRequest(c, models.FileRequestID(c.Param("id")))
}

// sendRequest answers with one of the user's file requests.
func (a *API) sendRequest(c echo.Context, id models.FileRequestID) error {
	v, err := a.Requests.Show(c.Request().Context(), gate.Visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.requestOf(v, seesLinks(c)))
}

// A requestDraft is a new or changed file request in the body of a request. Missing
// fields are nil.
type requestDraft struct {
	title, message, name, expiresIn, password, sender *string
	maxFiles, maxBytes, maxFileBytes                  *int64
	kinds                                             []string
	oneUse                                            *bool
}

// fields returns the fields of the JSON object that d is read from.
func (d *requestDraft) fields() jsonFields {
	return jsonFields{
		"title": &d.title, "message": &d.message, "name": &d.name, "expires_in": &d.expiresIn, "password": &d.password,
		"sender": &d.sender, "max_files": &d.maxFiles, "max_bytes": &d.maxBytes, "max_file_bytes": &d.maxFileBytes,
		"kinds": &d.kinds, "one_use": &d.oneUse,
	}
}

// applyTo returns in with the fields of d. An empty password removes the old one.
func (d *requestDraft) applyTo(in models.FileRequestInput) models.FileRequestInput {
	in.Title, in.Message, in.Name = valueOr(d.title, in.Title), valueOr(d.message, in.Message), valueOr(d.name, in.Name)
	in.Expires, in.Sender = valueOr(d.expiresIn, ""), valueOr(d.sender, in.Sender)
	if d.password != nil {
		in.Password, in.RemovePassword = *d.password, *d.password == ""
	}
	for _, n := range []struct {
		sent *int64
		into *string
	}{{d.maxFiles, &in.Files}, {d.maxBytes, &in.Total}, {d.maxFileBytes, &in.Each}} {
		if n.sent != nil {
			*n.into = strconv.FormatInt(*n.sent, 10)
		}
	}
	if d.kinds != nil {
		in.Kinds = d.kinds
	}
	if d.oneUse != nil {
		in.OneUse = *d.oneUse
	}
	return in
}

// requestFields are the names that the API has for fields of models.FileRequestInput.
var requestFields = map[string]string{"expires": "expires_in", "files": "max_files", "total": "max_bytes", "each": "max_file_bytes"}

// RequestCreate handles POST /api/v1/requests: a link by which others leave files.
func (a *API) RequestCreate(c echo.Context) error {
	var d requestDraft
	if err := readJSON(c, d.fields()); err != nil {
		return err
	}
	v, err := a.Requests.Create(c.Request().Context(), gate.Actor(c), d.applyTo(models.FileRequestInput{}))
	if err != nil {
		return inFields(requestFields, err)
	}
	c.Response().Header().Set(echo.HeaderLocation, a.apiURL("/requests/"+string(v.ID)))
	return sendJSON(c, http.StatusCreated, a.requestOf(v, true))
}

// RequestUpdate handles PATCH /api/v1/requests/:id. Missing fields do not change.
func (a *API) RequestUpdate(c echo.Context) error {
	ctx, id := c.Request().Context(), models.FileRequestID(c.Param("id"))
	v, err := a.Requests.Show(ctx, gate.Visitor(c), id)
	if err != nil {
		return err
	}
	var d requestDraft
	if err := readJSON(c, d.fields()); err != nil {
		return err
	}
	if err := a.Requests.Update(ctx, gate.Actor(c), id, d.applyTo(v.Input())); err != nil {
		return inFields(requestFields, err)
	}
	return a.sendRequest(c, id)
}

// RequestClose handles DELETE /api/v1/requests/:id: the link takes no more files, and
// running uploads end. What was received stays.
func (a *API) RequestClose(c echo.Context) error {
	if err := a.Requests.Revoke(c.Request().Context(), gate.Actor(c), models.FileRequestID(c.Param("id"))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
