package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// InvitationForm handles GET /invite/:secret: the form to sign up with an
// invitation.
func (s *Site) InvitationForm(c echo.Context) error {
	return s.showInvite(c, http.StatusOK, accountForm{}, nil)
}

func (s *Site) showInvite(c echo.Context, status int, form accountForm, problems page.Problems) error {
	i, err := s.Accounts.Invitation(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	if form.Email == "" {
		form.Email = string(i.Email)
	}
	return s.Show(c, status, "register", registerPage{s.GuestFrame(c, "You're invited"), form, problems})
}

// InvitationAccept handles POST /invite/:secret: it creates the account of an
// invitation.
func (s *Site) InvitationAccept(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.RegisterInvited(c.Request().Context(), models.Secret(c.Param("secret")), in, gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showInvite(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.SetSession(c, secret)
	return s.Tell(c, "/", "welcome")
}
