package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
)

// apiMeShow handles GET /api/v1/me.
func (s *Server) apiMeShow(c echo.Context) error {
	return sendJSON(c, http.StatusOK, s.apiMeOf(visitor(c)))
}

// showMeAnew answers with the visitor as they are after a change.
func (s *Server) showMeAnew(c echo.Context) error {
	user, err := s.Accounts.ByUsername(c.Request().Context(), string(visitor(c).Username))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, s.apiMeOf(user))
}

// apiMeUpdate handles PATCH /api/v1/me: what is not sent stays.
func (s *Server) apiMeUpdate(c echo.Context) error {
	var email, phone, website, bio *string
	if err := readJSON(c, jsonFields{"email": &email, "phone": &phone, "website": &website, "bio": &bio}); err != nil {
		return err
	}
	who := visitor(c)
	in := accounts.ProfileIncoming{
		Email: given(email, string(who.Email)), Phone: given(phone, string(who.Phone)),
		Website: given(website, string(who.Website)), Bio: given(bio, string(who.Bio)),
	}
	if err := s.mayMove(c, in.Email); err != nil {
		return err
	}
	if err := s.Accounts.UpdateProfile(c.Request().Context(), who, in); err != nil {
		return err
	}
	return s.showMeAnew(c)
}

// given returns what was sent, or what there was before.
func given(sent *string, before string) string {
	if sent == nil {
		return before
	}
	return *sent
}

// apiAvatarSet handles PUT /api/v1/me/avatar: a picture as the bare body.
func (s *Server) apiAvatarSet(c echo.Context) error {
	body := newBareBody(c)
	if err := s.Accounts.SetAvatar(c.Request().Context(), visitor(c), body); err != nil {
		body.drain()
		return err
	}
	return s.showMeAnew(c)
}

// apiAvatarDelete handles DELETE /api/v1/me/avatar.
func (s *Server) apiAvatarDelete(c echo.Context) error {
	if err := s.Accounts.RemoveAvatar(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
