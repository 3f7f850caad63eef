package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/transfer"
)

// UserAvatar handles GET /users/:username/avatar. The address in our pages
// names the picture too, so a browser may keep it; a cache for many would keep whose limits it tells.
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
