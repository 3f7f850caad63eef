package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

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

// loginPasskeyOptions handles POST /login/passkey/options.
func (s *Server) loginPasskeyOptions(c echo.Context) error {
	options, err := s.Accounts.AskToLogIn(c.Request().Context())
	return sendOptions(c, options, err)
}

// loginPasskey handles POST /login/passkey.
func (s *Server) loginPasskey(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	_, secret, err := s.Accounts.LogInByPasskey(c.Request().Context(), form.Get("credential"), client(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLogin(c, status, loginPage{Form: loginForm{Next: next}, Problems: problems})
		})
	}
	return s.startSession(c, secret, next)
}

// loginFactorOptions handles POST /login/second-factor/options.
func (s *Server) loginFactorOptions(c echo.Context) error {
	options, err := s.Accounts.AskToFinish(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		err = problem.New(problem.Conflict, "Your sign-in expired. Start again on the sign-in page.")
	}
	return sendOptions(c, options, err)
}

// loginFactorPasskey handles POST /login/second-factor/passkey.
func (s *Server) loginFactorPasskey(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	_, secret, err := s.Accounts.FinishByPasskey(c.Request().Context(), s.pending(c), form.Get("credential"), client(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLoginFactor(c, status, loginFactorPage{Next: next, Problems: problems})
		})
	}
	s.pendingCookie().set(c, "")
	return s.startSession(c, secret, next)
}

// confirmOptions handles POST /confirm/options.
func (s *Server) confirmOptions(c echo.Context) error {
	options, err := s.Accounts.AskToConfirm(c.Request().Context(), visitor(c), session(c))
	return sendOptions(c, options, err)
}

// confirmPasskey handles POST /confirm/passkey.
func (s *Server) confirmPasskey(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := ownPath(form.Get("next"))
	if err := s.Accounts.ConfirmByPasskey(c.Request().Context(), actor(c), session(c), form.Get("credential")); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showConfirm(c, status, confirmPage{Next: next, Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// passkeyOptions handles POST /settings/second-factor/passkeys/options.
func (s *Server) passkeyOptions(c echo.Context) error {
	options, err := s.Accounts.BeginPasskey(c.Request().Context(), visitor(c), session(c))
	return sendOptions(c, options, err)
}

// passkeyCreate handles POST /settings/second-factor/passkeys. With the first
// passkey, the answer is the one page that ever shows the recovery codes.
func (s *Server) passkeyCreate(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.AddPasskey(c.Request().Context(), actor(c), form.Get("name"), form.Get("credential"), session(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Name: form.Get("name"), Problems: problems})
		})
	}
	if len(codes) == 0 {
		return c.Redirect(http.StatusSeeOther, FactorPath+"?notice=passkey")
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// passkeyDelete handles POST /settings/second-factor/passkeys/:id/delete.
func (s *Server) passkeyDelete(c echo.Context) error {
	if err := s.Accounts.DeletePasskey(c.Request().Context(), actor(c), models.PasskeyID(c.Param("id")), session(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, FactorPath+"?notice=nokey")
}
