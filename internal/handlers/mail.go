package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

// forgotForm handles GET /forgot.
func (s *Server) forgotForm(c echo.Context) error {
	return s.showForgot(c, http.StatusOK, forgotPage{})
}

func (s *Server) showForgot(c echo.Context, status int, data forgotPage) error {
	data.page, data.Mails = s.guestPage(c, "Forgot your password?"), s.Accounts.SendsMail()
	return s.show(c, status, "forgot", data)
}

// forgotSend handles POST /forgot. It says the same whether or not there is
// such an account.
func (s *Server) forgotSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.Forgot(c.Request().Context(), form.Get("account")); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showForgot(c, status, forgotPage{Account: form.Get("account"), Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, "/forgot?notice=forgot")
}

// verifyForm handles GET /verify/:secret. It changes nothing: whatever looks
// into mails for people opens their links too.
func (s *Server) verifyForm(c echo.Context) error {
	user, err := s.Accounts.CheckVerifyLink(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "verify", verifyPage{s.guestPage(c, "Verify your email"), user.Username, user.Email})
}

// verifySend handles POST /verify/:secret.
func (s *Server) verifySend(c echo.Context) error {
	if err := s.Accounts.VerifyEmail(c.Request().Context(), models.Secret(c.Param("secret")), client(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/?notice=verified")
}

// verificationAsk handles POST /settings/verification.
func (s *Server) verificationAsk(c echo.Context) error {
	if err := s.Accounts.AskVerification(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/profile?notice=sent")
}
