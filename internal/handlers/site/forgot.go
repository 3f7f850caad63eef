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
	Mails    bool // there is a mail server; else an admin has to help
	Account  string
	Problems page.Problems
}

// ForgotForm handles GET /forgot.
func (s *Site) ForgotForm(c echo.Context) error {
	return s.showForgot(c, http.StatusOK, forgotPage{})
}

func (s *Site) showForgot(c echo.Context, status int, data forgotPage) error {
	data.Frame, data.Mails = s.GuestFrame(c, "Forgot your password?"), s.Accounts.SendsMail()
	return s.Show(c, status, "forgot", data)
}

// Forgot handles POST /forgot. It says the same whether or not there is
// such an account.
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
	return c.Redirect(http.StatusSeeOther, "/forgot?notice=forgot")
}
