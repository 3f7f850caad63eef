package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// sendOptions answers with what an authenticator is asked.
func sendOptions(c echo.Context, options []byte, err error) error {
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSONBlob(http.StatusOK, options)
}

// LogInPasskeyOptions handles POST /login/passkey/options.
func (s *Site) LogInPasskeyOptions(c echo.Context) error {
	options, err := s.Accounts.LogInPasskeyOptions(c.Request().Context())
	return sendOptions(c, options, err)
}

// LogInPasskey handles POST /login/passkey.
func (s *Site) LogInPasskey(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	_, secret, err := s.Accounts.LogInByPasskey(c.Request().Context(), form.Get("credential"), gate.Client(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showLogin(c, status, loginPage{Form: loginForm{Next: next}, Problems: problems})
		})
	}
	return s.StartSession(c, secret, next)
}

// LogInFactorOptions handles POST /login/second-factor/options.
func (s *Site) LogInFactorOptions(c echo.Context) error {
	options, err := s.Accounts.SecondFactorPasskeyOptions(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Conflict, "Your sign-in expired. Start again on the sign-in page.")
	}
	return sendOptions(c, options, err)
}

// LogInFactorPasskey handles POST /login/second-factor/passkey.
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
			return s.showLoginFactor(c, status, loginFactorPage{Next: next, Problems: problems})
		})
	}
	s.pendingCookie().Set(c, "")
	return s.StartSession(c, secret, next)
}

// ConfirmOptions handles POST /confirm/options.
func (s *Site) ConfirmOptions(c echo.Context) error {
	options, err := s.Accounts.ConfirmPasskeyOptions(c.Request().Context(), gate.Visitor(c), gate.SessionOf(c))
	return sendOptions(c, options, err)
}

// ConfirmPasskey handles POST /confirm/passkey.
func (s *Site) ConfirmPasskey(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	next := gate.OwnPath(form.Get("next"))
	if err := s.Accounts.ConfirmByPasskey(c.Request().Context(), gate.Actor(c), gate.SessionOf(c), form.Get("credential")); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showConfirm(c, status, confirmPage{Next: next, Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// PasskeyOptions handles POST /settings/second-factor/passkeys/options.
func (s *Site) PasskeyOptions(c echo.Context) error {
	options, err := s.Accounts.NewPasskeyOptions(c.Request().Context(), gate.Visitor(c), gate.SessionOf(c))
	return sendOptions(c, options, err)
}

// PasskeyCreate handles POST /settings/second-factor/passkeys. With the first
// passkey, the answer is the one page that ever shows the recovery codes.
func (s *Site) PasskeyCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.AddPasskey(c.Request().Context(), gate.Actor(c), form.Get("name"), form.Get("credential"), gate.SessionOf(c))
	if err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Name: form.Get("name"), Problems: problems})
		})
	}
	if len(codes) == 0 {
		return c.Redirect(http.StatusSeeOther, gate.FactorPath+"?notice=passkey")
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// PasskeyDelete handles POST /settings/second-factor/passkeys/:id/delete.
func (s *Site) PasskeyDelete(c echo.Context) error {
	if err := s.Accounts.DeletePasskey(c.Request().Context(), gate.Actor(c), models.PasskeyID(c.Param("id")), gate.SessionOf(c)); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, gate.FactorPath+"?notice=nokey")
}
