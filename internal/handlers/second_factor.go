package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	factorPath      = "/settings/second-factor"
	pendingLifetime = 300 // seconds, of the cookie
)

// factorRoutes is the map of what the second factor needs.
func (s *Server) factorRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/login/second-factor", s.loginFactor, public, limits.Page, noBody},
		{post, "/login/second-factor", s.loginFactorSend, public, limits.Login, smallBody},
		{get, factorPath, s.settingsFactor, confirmed, limits.Page, noBody},
		{get, factorPath + "/qr.png", s.factorQR, confirmed, limits.Part, noBody},
		{post, factorPath + "/begin", s.factorBegin, confirmed, limits.Change, smallBody},
		{post, factorPath + "/finish", s.factorFinish, confirmed, limits.Change, smallBody},
		{post, factorPath + "/codes", s.factorCodes, confirmed, limits.Change, smallBody},
		{post, factorPath + "/remove", s.factorRemove, confirmed, limits.Change, smallBody},
	}
}

// pendingCookie holds the secret of a log-in that owes its second factor.
func (s *Server) pendingCookie() string {
	if s.Settings.Secure {
		return "__Host-login"
	}
	return "login"
}

// setPending gives the browser the secret of its pending log-in, or takes it
// away when secret is "".
func (s *Server) setPending(c echo.Context, secret models.Secret) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: s.pendingCookie(), Value: secret.Reveal(), Path: "/", MaxAge: pendingLifetime,
		HttpOnly: true, Secure: s.Settings.Secure, SameSite: http.SameSiteLaxMode,
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

func (s *Server) pending(c echo.Context) models.Secret {
	cookie, err := c.Cookie(s.pendingCookie())
	if err != nil {
		return ""
	}
	return models.Secret(cookie.Value)
}

// loginFactor handles GET /login/second-factor.
func (s *Server) loginFactor(c echo.Context) error {
	next := ownPath(c.QueryParam("next"))
	_, err := s.Accounts.PendingLogIn(c.Request().Context(), s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.beginAgain(c, next)
	}
	if err != nil {
		return err
	}
	return s.showLoginFactor(c, http.StatusOK, loginFactorPage{Next: next})
}

// beginAgain sends a log-in that is none any more back to its first step.
func (s *Server) beginAgain(c echo.Context, next string) error {
	s.setPending(c, "")
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
	data.page = s.guestPage(c, "Second factor")
	return s.show(c, status, "login_factor", data)
}

// loginFactorSend handles POST /login/second-factor.
func (s *Server) loginFactorSend(c echo.Context) error {
	form, err := formOf(c)
	if err != nil {
		return err
	}
	ctx, next := c.Request().Context(), ownPath(form.Get("next"))
	user, err := s.Accounts.PendingLogIn(ctx, s.pending(c))
	if problem.KindOf(err) == problem.NotFound {
		return s.beginAgain(c, next)
	}
	if err != nil {
		return err
	}
	wait := func(err error) error {
		return s.showWait(c, err, func(problems Problems, wait int) error {
			return s.showLoginFactor(c, http.StatusTooManyRequests, loginFactorPage{Next: next, Problems: problems, Wait: wait})
		})
	}
	if err := s.takePassword(c, string(user.Username)); err != nil {
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
	s.setPending(c, "")
	return s.begin(c, secret, next)
}

// begin gives the browser its new session in the place of the one it had, so
// that nobody goes on under two names.
func (s *Server) begin(c echo.Context, secret models.Secret, next string) error {
	if old, err := c.Cookie(s.cookieName()); err == nil {
		if err := s.Accounts.LogOut(c.Request().Context(), models.Secret(old.Value)); err != nil {
			return err
		}
	}
	s.setSession(c, secret)
	return c.Redirect(http.StatusSeeOther, next)
}

// settingsFactor handles GET /settings/second-factor.
func (s *Server) settingsFactor(c echo.Context) error {
	return s.showFactor(c, http.StatusOK, settingsFactorPage{})
}

func (s *Server) showFactor(c echo.Context, status int, data settingsFactorPage) (err error) {
	ctx := c.Request().Context()
	data.page, data.Owed = s.page(c, "Second factor"), s.Accounts.OwesFactor(visitor(c)) && len(data.Codes) == 0
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
	return c.Redirect(http.StatusSeeOther, factorPath)
}

// factorFinish handles POST /settings/second-factor/finish. The answer is the
// one page that ever shows the recovery codes.
func (s *Server) factorFinish(c echo.Context) error {
	form, err := formOf(c)
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
	return c.Redirect(http.StatusSeeOther, factorPath+"?notice=factor")
}
