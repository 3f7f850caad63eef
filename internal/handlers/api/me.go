package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// A meJSON is a user as they see themselves.
type meJSON struct {
	profileJSON
	ID           string `json:"id"`
	Email        string `json:"email"`
	Phone        string `json:"phone"`
	Tier         string `json:"tier"`
	StorageUsed  int64  `json:"storage_used"`
	StorageQuota int64  `json:"storage_quota"`
	MaxFileSize  int64  `json:"max_file_size"`
}

// meOf returns u as the user sees it.
func (a *API) meOf(u models.User) meJSON {
	policy := a.Files.PolicyOf(u)
	return meJSON{
		profileJSON: a.profileOf(u), ID: string(u.ID), Email: string(u.Email), Phone: string(u.Phone), Tier: string(u.Tier),
		StorageUsed: u.StorageUsed, StorageQuota: policy.Storage, MaxFileSize: policy.MaxFileSize,
	}
}

// MeShow handles GET /api/v1/me.
func (a *API) MeShow(c echo.Context) error {
	return sendJSON(c, http.StatusOK, a.meOf(gate.Visitor(c)))
}

// sendUpdatedMe answers with the visitor after a change.
func (a *API) sendUpdatedMe(c echo.Context) error {
	user, err := a.Accounts.ByUsername(c.Request().Context(), string(gate.Visitor(c).Username))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, a.meOf(user))
}

// MeUpdate handles PATCH /api/v1/me. Missing fields do not change.
func (a *API) MeUpdate(c echo.Context) error {
	var email, phone, website, bio *string
	if err := readJSON(c, jsonFields{"email": &email, "phone": &phone, "website": &website, "bio": &bio}); err != nil {
		return err
	}
	who := gate.Visitor(c)
	in := accounts.ProfileInput{
		Email: valueOr(email, string(who.Email)), Phone: valueOr(phone, string(who.Phone)),
		Website: valueOr(website, string(who.Website)), Bio: valueOr(bio, string(who.Bio)),
	}
	if err := a.RequireFreshForEmail(c, in.Email); err != nil {
		in.Email = string(who.Email) // its problem is named once
		return errors.Join(err, in.Check())
	}
	if err := a.Accounts.UpdateProfile(c.Request().Context(), who, in); err != nil {
		return err
	}
	return a.sendUpdatedMe(c)
}

// valueOr returns the sent value, or fallback if the field is missing.
func valueOr(sent *string, fallback string) string {
	if sent == nil {
		return fallback
	}
	return *sent
}

// AvatarSet handles PUT /api/v1/me/avatar. The image is the whole body.
func (a *API) AvatarSet(c echo.Context) error {
	body := gate.NewBareBody(c)
	if err := a.Accounts.SetAvatar(c.Request().Context(), gate.Visitor(c), body); err != nil {
		body.Drain()
		return err
	}
	return a.sendUpdatedMe(c)
}

// AvatarDelete handles DELETE /api/v1/me/avatar.
func (a *API) AvatarDelete(c echo.Context) error {
	if err := a.Accounts.RemoveAvatar(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
