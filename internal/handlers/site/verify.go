package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// verifyPage is the page "verify".
type verifyPage struct {
	page.Frame
	Username models.Username
	Email    models.Email
}

// VerifyForm handles GET /verify/:secret: the button that verifies an email
// address. It changes nothing, because mail scanners open links too.
func (s *Site) VerifyForm(c echo.Context) error {
	user, err := s.Accounts.CheckVerifyLink(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "verify", verifyPage{s.GuestFrame(c, "Verify your email"), user.Username, user.Email})
}

// Verify handles POST /verify/:secret: it verifies the email address.
func (s *Site) Verify(c echo.Context) error {
	if err := s.Accounts.VerifyEmail(c.Request().Context(), models.Secret(c.Param("secret")), gate.Client(c)); err != nil {
		return err
	}
	return s.Tell(c, "/", "verified")
}

// VerificationAsk handles POST /settings/verification: it sends a new
// verification email.
func (s *Site) VerificationAsk(c echo.Context) error {
	if err := s.Accounts.SendVerification(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return s.Tell(c, "/settings/profile", "sent")
}
