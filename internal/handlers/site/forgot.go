package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// forgotPage is the page "forgot". Its field is account.
type forgotPage struct {
	page.Frame
	Mails    bool // the site sends mail; otherwise an admin has to help
	Account  string
	Problems page.Problems
}

// ForgotForm handles GET /forgot: the form that asks for a reset link.
func (s *Site) ForgotForm(c echo.Context) error {
	return s.showForgot(c, http.StatusOK, forgotPage{})
}

func (s *Site) showForgot(c echo.Context, status int, data forgotPage) error {
	data.Frame, data.Mails = s.GuestFrame(c, "Forgot your password?"), s.Accounts.SendsMail()
	return s.Show(c, status, "forgot", data)
}

// Forgot handles POST /forgot: it sends a reset link. The answer does not
// reveal whether the account exists.
func (s *Site) Forgot(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.RequestReset(c.Request().Context(), form.Get("account")); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showForgot(c, status, forgotPage{Account: form.Get("account"), Problems: problems})
		})
	}
	return s.Tell(c, "/forgot", "forgot")
}
