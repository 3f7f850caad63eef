package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// resetPage is the page "reset". Its field is password.
type resetPage struct {
	page.Frame
	Username models.Username
	Problems page.Problems
}

// ResetForm handles GET /reset/:secret: the form for a new password.
func (s *Site) ResetForm(c echo.Context) error {
	return s.showReset(c, http.StatusOK, resetPage{})
}

func (s *Site) showReset(c echo.Context, status int, data resetPage) error {
	user, err := s.Accounts.CheckResetLink(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	data.Frame, data.Username = s.GuestFrame(c, "Set a new password"), user.Username
	return s.Show(c, status, "reset", data)
}

// Reset handles POST /reset/:secret: it sets a new password.
func (s *Site) Reset(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	secret := models.Secret(c.Param("secret"))
	keepTokens := form.Get("keep_tokens") != ""
	if err := s.Accounts.ResetPassword(c.Request().Context(), secret, form.Get("password"), keepTokens, gate.Client(c)); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showReset(c, status, resetPage{Problems: problems})
		})
	}
	return s.Tell(c, "/login", "reset")
}
