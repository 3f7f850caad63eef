package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/transfer"
)

// UserAvatar handles GET /users/:username/avatar. The URLs in pages name the
// image, so that browsers can cache it. Shared caches must not: the headers
// tell the limits of one visitor.
func (s *Site) UserAvatar(c echo.Context) error {
	blob, user, err := s.Accounts.OpenAvatar(c.Request().Context(), c.Param("username"))
	if err != nil {
		return err
	}
	defer blob.Close()
	image := transfer.PartOfPage(blob, user.AvatarType, `"`+string(user.Avatar)+`"`)
	image.Cache = "private, max-age=86400"
	return s.SendBytes(c, image)
}
