package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/shares"
)

// A shareJSON is a share of the user's own. Only a token that may write, or that made the
// share, gets its link.
type shareJSON struct {
	ID           string     `json:"id"`
	URL          string     `json:"url,omitempty"`
	State        string     `json:"state"`
	Title        string     `json:"title"`   // of the post, or the name of the file
	PostID       *string    `json:"post_id"` // null: it opens a file
	FileID       *string    `json:"file_id"` // null: it opens a post
	Name         string     `json:"name"`
	From         string     `json:"from"`
	Note         string     `json:"note"`
	Permission   string     `json:"permission"`
	Locked       bool       `json:"locked"`
	Users        []string   `json:"users"` // empty: anybody with the link
	LinkPreview  bool       `json:"link_preview"`
	Downloads    int        `json:"downloads"`
	MaxDownloads int        `json:"max_downloads"` // 0: no limit
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	ExpiresAt    *time.Time `json:"expires_at"` // null: never
	RevokedAt    *time.Time `json:"revoked_at"`
	LastUsedAt   *time.Time `json:"last_used_at"`
}

// shareOf returns v, with its link if linked.
func (a *API) shareOf(v models.ShareView, linked bool) shareJSON {
	out := shareJSON{
		ID: string(v.ID), State: string(v.State(a.Now())), Title: v.Title, PostID: (*string)(v.PostID), FileID: (*string)(v.FileID),
		Name: v.Name, From: v.Sender, Note: v.Note, Permission: string(v.Permission), Locked: v.Locked(), LinkPreview: v.Preview,
		Users: []string{}, Downloads: v.PickedUp, MaxDownloads: v.MaxPickups,
		CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), ExpiresAt: inUTC(v.ExpiresAt), RevokedAt: inUTC(v.RevokedAt),
		LastUsedAt: inUTC(v.UsedAt),
	}
	if v.Named {
		out.Users = strings.Fields(v.Names)
	}
	if linked {
		out.URL = v.Link
	}
	return out
}

// seesLinks reports whether the token of c may write. A link opens its post or file for
// longer than the token that read it, so a token that may only read gets none.
func seesLinks(c echo.Context) bool { return gate.VisitOf(c).Scopes.Has(models.ScopeWrite) }

// ShareList handles GET /api/v1/shares.
func (a *API) ShareList(c echo.Context) error {
	place, err := readPaging(c, "before")
	if err != nil {
		return err
	}
	page, err := a.Shares.List(c.Request().Context(), gate.Visitor(c), place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(a, c, "/shares", url.Values{}, place, page, func(v models.ShareView) shareJSON { return a.shareOf(v, seesLinks(c)) })
}

// ShareShow handles GET /api/v1/shares/:id.
func (a *API) ShareShow(c echo.Context) error { return a.sendShare(c, models.ShareID(c.Param("id"))) }

// sendShare answers with one of the user's shares.
func (a *API) sendShare(c echo.Context, id models.ShareID) error {
	v, err := a.Shares.Show(c.Request().Context(), gate.Visitor(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.shareOf(v, seesLinks(c)))
}

// A shareDraft is a new or changed share in the body of a request. Missing fields are nil.
type shareDraft struct {
	name, from, note, permission, expiresIn, password *string
	maxDownloads                                      *int64
	users                                             []string
	linkPreview                                       *bool
}

// fields returns the fields of the JSON object that d is read from.
func (d *shareDraft) fields() jsonFields {
	return jsonFields{
		"name": &d.name, "from": &d.from, "note": &d.note, "permission": &d.permission, "expires_in": &d.expiresIn,
		"password": &d.password, "max_downloads": &d.maxDownloads, "users": &d.users, "link_preview": &d.linkPreview,
	}
}

// applyTo returns in with the fields of d. An empty password removes the old one.
func (d *shareDraft) applyTo(in models.ShareInput) (models.ShareInput, error) {
	in.Name, in.Sender, in.Note = valueOr(d.name, in.Name), valueOr(d.from, in.Sender), valueOr(d.note, in.Note)
	in.Permission, in.Expires = valueOr(d.permission, in.Permission), valueOr(d.expiresIn, "")
	if d.password != nil {
		in.Password, in.RemovePassword = *d.password, *d.password == ""
	}
	if d.maxDownloads != nil {
		in.Downloads = strconv.FormatInt(*d.maxDownloads, 10)
	}
	if d.linkPreview != nil {
		in.Preview = *d.linkPreview
	}
	if d.users != nil {
		for _, name := range d.users { // none may have a space, because spaces join them
			if _, err := models.ParseUsername(name); err != nil {
				return in, problem.At("users", err)
			}
		}
		in.Users = strings.Join(d.users, " ")
	}
	return in, nil
}

// shareFields are the names that the API has for fields of models.ShareInput.
var shareFields = map[string]string{"sender": "from", "expires": "expires_in", "downloads": "max_downloads"}

// inFields returns err with the names of fields replaced, if it is a problem.
func inFields(names map[string]string, err error) error {
	found := problem.All(err)
	if found == nil {
		return err
	}
	renamed := make([]error, len(found))
	for i, p := range found {
		renamed[i] = p
		if name, ok := names[p.Field]; ok {
			renamed[i] = problem.At(name, p)
		}
	}
	return errors.Join(renamed...)
}

// ShareCreate handles POST /api/v1/shares: a link to a post or a file of the user's own.
func (a *API) ShareCreate(c echo.Context) error {
	var d shareDraft
	var post, file *string
	fields := d.fields()
	fields["post_id"], fields["file_id"] = &post, &file
	if err := readJSON(c, fields); err != nil {
		return err
	}
	of, err := shareTarget(post, file)
	in, wrong := d.applyTo(models.ShareInput{})
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	v, err := a.Shares.Create(c.Request().Context(), gate.Actor(c), of, in)
	if err != nil {
		return inFields(shareFields, err)
	}
	c.Response().Header().Set(echo.HeaderLocation, a.apiURL("/shares/"+string(v.ID)))
	return sendJSON(c, http.StatusCreated, a.shareOf(v, true))
}

// shareTarget returns what a new share opens: exactly one of the two must be given.
func shareTarget(post, file *string) (of shares.Target, err error) {
	switch {
	case (post == nil) == (file == nil):
		return of, problem.OnField("post_id", "Send either post_id or file_id.")
	case post != nil && !models.IsID(*post):
		return of, problem.OnField("post_id", "Use the ID of a post.")
	case file != nil && !models.IsID(*file):
		return of, problem.OnField("file_id", "Use the ID that the upload returned.")
	}
	return shares.Target{Post: models.PostID(valueOr(post, "")), File: models.FileID(valueOr(file, ""))}, nil
}

// ShareUpdate handles PATCH /api/v1/shares/:id. Missing fields do not change.
func (a *API) ShareUpdate(c echo.Context) error {
	ctx, id := c.Request().Context(), models.ShareID(c.Param("id"))
	v, err := a.Shares.Show(ctx, gate.Visitor(c), id)
	if err != nil {
		return err
	}
	var d shareDraft
	if err := readJSON(c, d.fields()); err != nil {
		return err
	}
	in, err := d.applyTo(v.Input())
	if err != nil {
		return err
	}
	if err := a.Shares.Update(ctx, gate.Actor(c), id, in); err != nil {
		return inFields(shareFields, err)
	}
	return a.sendShare(c, id)
}

// ShareRevoke handles DELETE /api/v1/shares/:id: the link ends at once, and every
// download through it.
func (a *API) ShareRevoke(c echo.Context) error {
	if err := a.Shares.Revoke(c.Request().Context(), gate.Actor(c), models.ShareID(c.Param("id"))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
