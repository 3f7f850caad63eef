package site

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// LogOut handles POST /logout: it ends the session.
func (s *Site) LogOut(c echo.Context) error {
	if err := s.EndSession(c); err != nil {
		return err
	}
	s.SetSession(c, "")
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect(http.StatusSeeOther, "/")
}
