package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// setupPage is the page "setup", which creates the first admin. It has the
// fields of "register" and posts to its own URL, which holds the secret.
type setupPage struct {
	page.Frame
	Form     accountForm
	Problems page.Problems
}

// SetUpForm handles GET /setup/:secret, the link printed at the first start:
// the form for the first admin.
func (s *Site) SetUpForm(c echo.Context) error {
	if err := s.Accounts.CheckSetupLink(c.Request().Context(), models.Secret(c.Param("secret"))); err != nil {
		return err
	}
	return s.showSetup(c, http.StatusOK, accountForm{}, nil)
}

func (s *Site) showSetup(c echo.Context, status int, form accountForm, problems page.Problems) error {
	return s.Show(c, status, "setup", setupPage{s.GuestFrame(c, "Create the first admin"), form, problems})
}

// SetUp handles POST /setup/:secret: it creates the first admin.
func (s *Site) SetUp(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	link := models.Secret(c.Param("secret"))
	_, secret, err := s.Accounts.SetUp(c.Request().Context(), link, in, gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showSetup(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	if err := s.EndSession(c); err != nil {
		return err
	}
	s.SetSession(c, secret)
	return s.Tell(c, "/", "welcome")
}
