package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const pendingLifetime = 5 * time.Minute // of the cookie

// pendingCookie holds the secret of a log-in whose second factor is missing.
func (s *Server) pendingCookie() cookie {
	return cookie{name: "login", life: pendingLifetime, secure: s.Settings.Secure}
}

func (s *Server) pending(c echo.Context) models.Secret { return s.pendingCookie().get(c) }

// loginFactor handles GET /login/second-factor.
func (s *Server) loginFactor(c echo.Context) error {
	next := ownPath(c.QueryParam("next"))
	_, err := s.Accounts.PendingLogIn(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return err
	}
	return s.showLoginFactor(c, http.StatusOK, loginFactorPage{Next: next})
}

// restartLogIn sends a log-in that is none any more back to its first step.
func (s *Server) restartLogIn(c echo.Context, next string) error {
	s.pendingCookie().set(c, "")
	to := "/login"
	if next != "/" {
		to += "?" + url.Values{"next": {next}}.Encode()
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (s *Server) showLoginFactor(c echo.Context, status int, data loginFactorPage) error {
	ctx := c.Request().Context()
	user, err := s.Accounts.PendingLogIn(ctx, s.pending(c))
	if err == nil {
		data.Passkey, err = s.Accounts.HasPasskey(ctx, user)
	}
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	data.page = s.guestPage(c, "Two-factor authentication")
	return s.show(c, status, "login_factor", data)
}

// loginFactorSend handles POST /login/second-factor.
func (s *Server) loginFactorSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, next := c.Request().Context(), ownPath(form.Get("next"))
	user, err := s.Accounts.PendingLogIn(ctx, s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.restartLogIn(c, next)
	}
	if err != nil {
		return err
	}
	wait := func(err error) error {
		return s.showWait(c, err, func(problems Problems, wait int) error {
			return s.showLoginFactor(c, http.StatusTooManyRequests, loginFactorPage{Next: next, Problems: problems, Wait: wait})
		})
	}
	if err := s.takePasswordTry(c, string(user.Username)); err != nil {
		return wait(err)
	}
	_, secret, err := s.Accounts.FinishLogIn(ctx, s.pending(c), form.Get("code"), client(c))
	if problem.KindOf(err) == problem.TooMany {
		return wait(err)
	}
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLoginFactor(c, status, loginFactorPage{Next: next, Problems: problems})
		})
	}
	s.pendingCookie().set(c, "")
	return s.startSession(c, secret, next)
}

// settingsFactor handles GET /settings/second-factor.
func (s *Server) settingsFactor(c echo.Context) error {
	return s.showFactor(c, http.StatusOK, settingsFactorPage{})
}

func (s *Server) showFactor(c echo.Context, status int, data settingsFactorPage) (err error) {
	ctx := c.Request().Context()
	data.page, data.Owed = s.page(c, "Two-factor authentication"), s.Accounts.OwesFactor(visitor(c)) && len(data.Codes) == 0
	if data.Factor, err = s.Accounts.SecondFactor(ctx, visitor(c)); err != nil {
		return err
	}
	if data.Factor.Begun {
		var key accounts.FactorKey
		if key, err = s.Accounts.BegunFactor(ctx, visitor(c)); err != nil {
			return err
		}
		data.Secret = inGroups(key.Secret)
	}
	return s.show(c, status, "settings_factor", data)
}

// inGroups puts a space after every fourth letter, for people who copy them.
func inGroups(s string) string {
	var text strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			text.WriteByte(' ')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// factorQR handles GET /settings/second-factor/qr.png.
func (s *Server) factorQR(c echo.Context) error {
	key, err := s.Accounts.BegunFactor(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", key.QR)
}

// factorBegin handles POST /settings/second-factor/begin.
func (s *Server) factorBegin(c echo.Context) error {
	if err := s.Accounts.BeginFactor(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, FactorPath)
}

// factorFinish handles POST /settings/second-factor/finish. The answer is the
// one page that ever shows the recovery codes.
func (s *Server) factorFinish(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Accounts.FinishFactor(c.Request().Context(), actor(c), form.Get("code"), session(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showFactor(c, status, settingsFactorPage{Problems: problems})
		})
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// factorCodes handles POST /settings/second-factor/codes.
func (s *Server) factorCodes(c echo.Context) error {
	codes, err := s.Accounts.NewRecoveryCodes(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	return s.showFactor(c, http.StatusCreated, settingsFactorPage{Codes: codes})
}

// factorRemove handles POST /settings/second-factor/remove.
func (s *Server) factorRemove(c echo.Context) error {
	if err := s.Accounts.RemoveTOTP(c.Request().Context(), actor(c), session(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, FactorPath+"?notice=factor")
}
