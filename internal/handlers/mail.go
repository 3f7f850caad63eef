package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// mailRoutes is where links in mails lead, and where they are asked for.
func (s *Server) mailRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/forgot", s.forgotForm, public, limits.Page, noBody},
		{post, "/forgot", s.forgotSend, public, limits.Reset, smallBody},
		{get, "/verify/:secret", s.verifyForm, public, limits.Reset, noBody},
		{post, "/verify/:secret", s.verifySend, public, limits.Reset, smallBody},
		{post, "/settings/verification", s.verificationAsk, signedIn, limits.Reset, smallBody},
	}
}

// mayWrite reports whether who has not proved their mail address may do this:
// read, and look after their account.
func mayWrite(c echo.Context) bool {
	if m := c.Request().Method; m == http.MethodGet || m == http.MethodHead {
		return true
	}
	path := c.Path()
	for _, closed := range []string{"/settings/tokens", "/settings/avatar"} {
		if strings.HasPrefix(path, closed) {
			return false
		}
	}
	for _, open := range []string{"/settings/", "/login", "/logout", "/confirm", "/verify/", "/reset/", "/forgot"} {
		if strings.HasPrefix(path, open) {
			return true
		}
	}
	return false
}

func errUnverified() error {
	return problem.New(problem.Forbidden, "Prove first that your mail address is yours: open the link we sent you, or ask for another in your profile.")
}

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
	form, err := formOf(c)
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
	return s.show(c, http.StatusOK, "verify", verifyPage{s.guestPage(c, "Is this your address?"), user.Username, user.Email})
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
