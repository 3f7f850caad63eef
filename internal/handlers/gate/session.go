package gate

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Identify identifies the visitor by the credential that the route honours.
// RequireAccess rejects an invalid credential later, after LimitRate has counted the
// attempt, so that guessing is limited.
func (g *Gate) Identify(a Access) echo.MiddlewareFunc {
	by := map[Credential]func(echo.Context) error{
		Session: g.identifySession, Token: g.identifyToken, Ticket: g.identifyTicket,
		NoCredential: func(echo.Context) error { return nil },
	}[a.By]
	if a.File {
		by = g.identifyWithFile
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			VisitOf(c).refusal = by(c)
			return next(c)
		}
	}
}

// sessionCookie returns the cookie for the secret of a session.
func (g *Gate) sessionCookie() Cookie {
	return Cookie{Name: "session", Life: g.Options.SessionLifetime, Secure: g.Options.Secure}
}

// identifySession identifies the visitor by the session cookie.
func (g *Gate) identifySession(c echo.Context) error {
	secret := g.sessionCookie().Get(c)
	if secret == "" {
		return nil // a guest
	}
	found, user, err := g.Accounts.BySession(c.Request().Context(), secret)
	return g.identified(c, found, user, err)
}

// RecogniseStray identifies the visitor, by their session, of an address that leads to no
// route, so that the error page shows them as signed in. LimitStrays has counted the request.
func (g *Gate) RecogniseStray(c echo.Context) error {
	if VisitOf(c).User.SignedIn() {
		return nil
	}
	return g.identifySession(c)
}

// identifyWithFile is identifySession for a route of one file, which it finds for the visitor
// in the same look-up. If they cannot read it, or have no session, the handler looks it up.
func (g *Gate) identifyWithFile(c echo.Context) error {
	secret := g.sessionCookie().Get(c)
	if secret == "" {
		return nil
	}
	found, user, file, err := g.Accounts.BySessionWithFile(c.Request().Context(), secret, models.FileID(c.Param("id")))
	if problem.KindOf(err) == problem.NotFound {
		return g.identifySession(c)
	}
	if err == nil {
		VisitOf(c).File = &file
	}
	return g.identified(c, found, user, err)
}

// identified records the session and its user, unless err says that there is none.
func (g *Gate) identified(c echo.Context, found models.Session, user models.User, err error) error {
	if problem.KindOf(err) == problem.NotFound {
		// It stays in the browser: another tab may just have renewed the session, and
		// clearing the cookie would end it there.
		return nil
	}
	if err != nil {
		return err
	}
	v := VisitOf(c)
	v.User, v.Session, v.First, v.Fresh = user, found.Hash, found.FirstHash, g.Accounts.Confirmed(found)
	return nil
}

// SetSession sets the session cookie, or clears it if secret is "".
func (g *Gate) SetSession(c echo.Context, secret models.Secret) { g.sessionCookie().Set(c, secret) }

// EndSession ends the session of the request, if it has one.
func (g *Gate) EndSession(c echo.Context) error {
	if secret := g.sessionCookie().Get(c); secret != "" {
		return g.Accounts.LogOut(c.Request().Context(), secret)
	}
	return nil
}

// StartSession ends the session of the request, sets the cookie of the new one and
// redirects to next.
func (g *Gate) StartSession(c echo.Context, secret models.Secret, next string) error {
	if err := g.EndSession(c); err != nil {
		return err
	}
	g.SetSession(c, secret)
	return c.Redirect(http.StatusSeeOther, next)
}

// BeginSession ends the session of the request, and goes on in the new one, for a page
// that is the answer to the sign-in itself.
func (g *Gate) BeginSession(c echo.Context, secret models.Secret) error {
	if err := g.EndSession(c); err != nil {
		return err
	}
	found, user, err := g.Accounts.BySession(c.Request().Context(), secret)
	if err != nil {
		return err
	}
	g.SetSession(c, secret)
	v := VisitOf(c)
	v.User, v.Session, v.First, v.secret = user, found.Hash, found.FirstHash, secret
	v.Fresh = g.Accounts.Confirmed(found)
	return nil
}

// RequireFreshForEmail returns a problem if email differs from the visitor's email
// and they have not re-authenticated recently: the email address signs in and receives
// reset links, so the thief of a session could otherwise keep the account (OWASP ASVS
// 5.0, 7.5.1). An API token proves nothing.
func (g *Gate) RequireFreshForEmail(c echo.Context, email string) error {
	v := VisitOf(c)
	if v.Fresh {
		return nil
	}
	u, err := g.Accounts.Me(c.Request().Context(), Visitor(c))
	if err != nil || strings.TrimSpace(email) == string(u.Email) {
		return err
	}
	if v.Token != "" {
		return problem.OnField("email", "An API token can't change the email. Change it on the site, in your profile settings.")
	}
	return problem.OnField("email",
		"To change your email, confirm it's you first: open /confirm in another tab, then send this again.")
}
