package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
)

// AvatarSet handles POST /settings/avatar: it sets the avatar from a form with
// one image.
func (s *Site) AvatarSet(c echo.Context) error {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return transfer.ErrNotMultipart()
	}
	part, err := s.NextFile(c, parts, "avatar")
	if err == nil {
		err = s.Accounts.SetAvatar(c.Request().Context(), gate.Visitor(c), part)
	}
	if err != nil {
		gate.Drain(c)
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showOwnProfile(c, status, problems)
		})
	}
	return s.Tell(c, "/settings/profile", "avatar")
}

// AvatarDelete handles POST /settings/avatar/delete: it removes the avatar.
func (s *Site) AvatarDelete(c echo.Context) error {
	if err := s.Accounts.RemoveAvatar(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return s.Tell(c, "/settings/profile", "noavatar")
}
