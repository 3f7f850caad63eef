package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
)

// MeShow handles GET /api/v1/me.
func (a *API) MeShow(c echo.Context) error {
	return sendJSON(c, http.StatusOK, a.meOf(gate.Visitor(c)))
}

// showMeAnew answers with the visitor as they are after a change.
func (a *API) showMeAnew(c echo.Context) error {
	user, err := a.Accounts.ByUsername(c.Request().Context(), string(gate.Visitor(c).Username))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.meOf(user))
}

// MeUpdate handles PATCH /api/v1/me: what is not sent stays.
func (a *API) MeUpdate(c echo.Context) error {
	var email, phone, website, bio *string
	if err := readJSON(c, jsonFields{"email": &email, "phone": &phone, "website": &website, "bio": &bio}); err != nil {
		return err
	}
	who := gate.Visitor(c)
	in := accounts.ProfileInput{
		Email: given(email, string(who.Email)), Phone: given(phone, string(who.Phone)),
		Website: given(website, string(who.Website)), Bio: given(bio, string(who.Bio)),
	}
	if err := a.RequireFreshForEmail(c, in.Email); err != nil {
		return err
	}
	if err := a.Accounts.UpdateProfile(c.Request().Context(), who, in); err != nil {
		return err
	}
	return a.showMeAnew(c)
}

// given returns what was sent, or what there was before.
func given(sent *string, before string) string {
	if sent == nil {
		return before
	}
	return *sent
}

// AvatarSet handles PUT /api/v1/me/avatar: a picture as the bare body.
func (a *API) AvatarSet(c echo.Context) error {
	body := gate.NewBareBody(c)
	if err := a.Accounts.SetAvatar(c.Request().Context(), gate.Visitor(c), body); err != nil {
		body.Drain()
		return err
	}
	return a.showMeAnew(c)
}

// AvatarDelete handles DELETE /api/v1/me/avatar.
func (a *API) AvatarDelete(c echo.Context) error {
	if err := a.Accounts.RemoveAvatar(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
