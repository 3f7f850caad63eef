package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
)

// LogInPasskeyOptions handles POST /login/passkey/options: the challenge for a
// passkey.
func (s *Site) LogInPasskeyOptions(c echo.Context) error {
	options, err := s.Accounts.LogInPasskeyOptions(c.Request().Context())
	return sendOptions(c, options, err)
}

// LogInPasskey handles POST /login/passkey: it signs in with a passkey.
func (s *Site) LogInPasskey(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	_, secret, err := s.Accounts.LogInByPasskey(c.Request().Context(), form.Get("credential"), gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLogin(c, status, loginPage{Form: loginForm{Next: next, Kept: form.Get(gate.SavedFormField)}, Problems: problems})
		})
	}
	return s.startSession(c, secret, form.Get(gate.SavedFormField), next)
}

// LogInFactorOptions handles POST /login/second-factor/options: the challenge
// for a passkey as second factor.
func (s *Site) LogInFactorOptions(c echo.Context) error {
	options, err := s.Accounts.SecondFactorPasskeyOptions(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Conflict, "Your sign-in expired. Start again on the sign-in page.")
	}
	return sendOptions(c, options, err)
}

// LogInFactorPasskey handles POST /login/second-factor/passkey: it signs in
// with a passkey as second factor.
func (s *Site) LogInFactorPasskey(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	_, secret, err := s.Accounts.FinishLogInByPasskey(c.Request().Context(), s.pending(c), form.Get("credential"), gate.Client(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLoginFactor(c, status, loginFactorPage{Next: next, Kept: form.Get(gate.SavedFormField), Problems: problems})
		})
	}
	s.pendingCookie().Set(c, "")
	return s.startSession(c, secret, form.Get(gate.SavedFormField), next)
}
