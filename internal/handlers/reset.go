package handlers

import (
	"net/http"

	"example.org/cloakroom/internal/models"
	"github.com/labstack/echo/v4"
)

// resetForm handles GET /reset/:secret.
func (s *Server) resetForm(c echo.Context) error {
	return s.showReset(c, http.StatusOK, resetPage{})
}

func (s *Server) showReset(c echo.Context, status int, data resetPage) error {
	user, err := s.Accounts.CheckResetLink(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	data.page, data.Username = s.guestPage(c, "Set a new password"), user.Username
	return s.show(c, status, "reset", data)
}

// resetSend handles POST /reset/:secret.
func (s *Server) resetSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.ResetPassword(c.Request().Context(), models.Secret(c.Param("secret")), form.Get("password"), client(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showReset(c, status, resetPage{Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, "/login?notice=reset")
}
