package handlers

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/problem"
)

// OIDCReturn is where people come back from the provider of OpenID Connect.
const OIDCReturn = "/login/oidc/callback"

const awayLifetime = 600 // seconds, of the cookie

// oidcRoutes are the way to the provider and back.
func (s *Server) oidcRoutes() []route {
	return append(s.signInRoutes(), []route{
		{http.MethodPost, "/login/oidc", s.oidcBegin, public, limits.Login, smallBody},
		{http.MethodGet, OIDCReturn, s.oidcFinish, public, limits.Login, noBody},
	}...)
}

// awayCookie holds the state of somebody who is at the provider. It is Lax, for
// they come back by a link of another site.
func (s *Server) awayCookie() string {
	if s.Settings.Secure {
		return "__Host-away"
	}
	return "away"
}

// setAway gives the browser the state, or takes it away when it is "".
func (s *Server) setAway(c echo.Context, state models.Secret) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: s.awayCookie(), Value: state.Reveal(), Path: "/", MaxAge: awayLifetime,
		HttpOnly: true, Secure: s.Settings.Secure, SameSite: http.SameSiteLaxMode,
	}
	if state == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// oidcBegin handles POST /login/oidc.
func (s *Server) oidcBegin(c echo.Context) error {
	form, err := formOf(c)
	if err != nil {
		return err
	}
	to, state, err := s.OIDC.Begin(c.Request().Context(), oidc.Errand{Next: ownPath(form.Get("next"))})
	if err != nil {
		return err
	}
	s.setAway(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// oidcFinish handles GET /login/oidc/callback. It changes nothing for who does
// not hold the state that this site gave to their browser.
func (s *Server) oidcFinish(c echo.Context) error {
	ctx, state := c.Request().Context(), models.Secret(c.QueryParam("state"))
	cookie, err := c.Cookie(s.awayCookie())
	if err != nil || state == "" || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(state.Reveal())) != 1 {
		return problem.New(problem.Invalid, "This log-in was begun elsewhere, or took too long. Begin again at the log-in page.")
	}
	s.setAway(c, "")
	if c.QueryParam("error") != "" {
		if err := s.OIDC.Forget(ctx, state); err != nil {
			return err
		}
		return problem.New(problem.Invalid, "The provider did not log you in. Begin again at the log-in page.")
	}
	who, errand, err := s.OIDC.Finish(ctx, state, c.QueryParam("code"))
	if err != nil {
		return err
	}
	if errand.User != "" {
		return s.linked(c, who, errand)
	}
	entry, err := s.Accounts.LogInByIdentity(ctx, who, client(c))
	if err != nil {
		return err
	}
	if entry.Pending != "" {
		s.setPending(c, entry.Pending)
		return c.Redirect(http.StatusSeeOther, "/login/second-factor?"+url.Values{"next": {errand.Next}}.Encode())
	}
	return s.begin(c, entry.Session, errand.Next)
}

// leadsToProvider lets the forms of a page lead to the provider: browsers judge where a form is redirected to.
func (s *Server) leadsToProvider(c echo.Context) {
	issuer, err := url.Parse(s.OIDC.Settings.Issuer)
	if err != nil {
		return
	}
	const own = "form-action 'self'"
	c.Response().Header().Set("Content-Security-Policy", strings.Replace(pagePolicy, own, own+" "+issuer.Scheme+"://"+issuer.Host, 1))
}
