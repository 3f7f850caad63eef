package site

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/problem"
)

// OIDCReturn is the path to which the OpenID Connect provider sends visitors
// back.
const OIDCReturn = "/login/oidc/callback"

const awayLifetime = 10 * time.Minute // lifetime of the cookie

// stateCookie holds the state of a sign-in that continues at the provider.
func (s *Site) stateCookie() gate.Cookie {
	return gate.Cookie{Name: "away", Life: awayLifetime, Secure: s.Options.Secure}
}

// ProviderBegin handles POST /login/oidc: it sends the visitor to the provider
// to sign in.
func (s *Site) ProviderBegin(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	to, state, err := s.OIDC.Begin(c.Request().Context(), oidc.LoginRequest{Next: gate.OwnPath(form.Get("next"))})
	if err != nil {
		return err
	}
	s.stateCookie().Set(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// ConfirmProvider handles POST /confirm/provider: it sends the user to the provider,
// which must ask again who they are.
func (s *Site) ConfirmProvider(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	to, state, err := s.OIDC.Begin(c.Request().Context(), oidc.LoginRequest{
		Next: gate.OwnPath(form.Get("next")), User: gate.Visitor(c).ID, Session: gate.SessionOf(c), Confirm: true,
	})
	if err != nil {
		return err
	}
	s.stateCookie().Set(c, state)
	return c.Redirect(http.StatusSeeOther, to)
}

// ProviderFinish handles GET /login/oidc/callback: it signs in, confirms, or links an
// account. It requires the state from the visitor's own cookie.
func (s *Site) ProviderFinish(c echo.Context) error {
	ctx, state := c.Request().Context(), models.Secret(c.QueryParam("state"))
	given := s.stateCookie().Get(c)
	if state == "" || subtle.ConstantTimeCompare([]byte(given.Reveal()), []byte(state.Reveal())) != 1 {
		return problem.New(problem.Invalid, "This sign-in was started in another browser or took too long. Start again on the sign-in page.")
	}
	s.stateCookie().Set(c, "")
	who, errand, err := s.fromProvider(c, state)
	switch {
	case err != nil:
		return s.failedAtProvider(c, errand, err)
	case errand.Confirm:
		return s.finishConfirm(c, who, errand)
	case errand.User != "":
		return s.finishLink(c, who, errand)
	}
	entry, err := s.Accounts.LogInByIdentity(ctx, who, gate.Client(c))
	if err != nil {
		return err
	}
	if entry.Pending != "" {
		s.pendingCookie().Set(c, entry.Pending)
		return c.Redirect(http.StatusSeeOther, "/login/second-factor?"+url.Values{"next": {errand.Next}}.Encode())
	}
	return s.StartSession(c, entry.Session, errand.Next)
}

// fromProvider returns who the provider says the visitor is, and the request that they
// started with, also if the provider did not sign them in.
func (s *Site) fromProvider(c echo.Context, state models.Secret) (who models.Identity, errand oidc.LoginRequest, err error) {
	ctx := c.Request().Context()
	if c.QueryParam("error") == "" {
		return s.OIDC.Finish(ctx, state, c.QueryParam("code"))
	}
	if errand, err = s.OIDC.Forget(ctx, state); err == nil {
		err = problem.New(problem.Invalid, "The provider did not sign you in. Start again on the sign-in page.")
	}
	return who, errand, err
}

// failedAtProvider returns err, and writes an audit event for a sign-in or a confirmation
// that failed (OWASP ASVS 5.0, 16.3.1).
func (s *Site) failedAtProvider(c echo.Context, errand oidc.LoginRequest, err error) error {
	who, tried := models.Actor{Client: gate.Client(c)}, accounts.ActionLogIn
	switch {
	case problem.KindOf(err) != problem.Invalid:
		return err
	case errand.Confirm:
		who, tried = gate.Actor(c), accounts.ActionConfirm
	case errand.User != "":
		return err
	}
	return errors.Join(err, s.Accounts.AuditProviderFailure(c.Request().Context(), who, tried))
}

// finishConfirm confirms the session at which the user started. The same user must return
// in the same session.
func (s *Site) finishConfirm(c echo.Context, who models.Identity, errand oidc.LoginRequest) error {
	if gate.Visitor(c).ID != errand.User || gate.SessionOf(c) != errand.Session {
		return problem.New(problem.Invalid, "You were signed out meanwhile. Sign in and try again.")
	}
	renewed, err := s.Accounts.ConfirmByIdentity(c.Request().Context(), gate.Actor(c), gate.SessionOf(c), who)
	if err != nil {
		return err
	}
	s.SetSession(c, renewed)
	return c.Redirect(http.StatusSeeOther, errand.Next)
}

// allowProvider lets the forms of the page redirect to the provider.
func (s *Site) allowProvider(c echo.Context) {
	if issuer, err := url.Parse(s.OIDC.Provider.Issuer); err == nil {
		s.AllowFormRedirectTo(c, issuer.Scheme+"://"+issuer.Host)
	}
}

// linkedProvider returns the name of the provider that can confirm who the
// visitor is, or "".
func (s *Site) linkedProvider(c echo.Context) (string, error) {
	if !s.OIDC.On() {
		return "", nil
	}
	links, err := s.Accounts.Identities(c.Request().Context(), gate.Visitor(c))
	if !slices.ContainsFunc(links, func(l models.LinkedIdentity) bool { return l.Issuer == s.OIDC.Provider.Issuer }) {
		return "", err
	}
	s.allowProvider(c)
	return s.OIDC.Provider.Name, err
}
