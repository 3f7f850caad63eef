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

// identifySession identifies the visitor by the session cookie, and clears it if the
// session has ended.
func (g *Gate) identifySession(c echo.Context) error {
	secret := g.sessionCookie().Get(c)
	if secret == "" {
		return nil // a guest
	}
	found, user, err := g.Accounts.BySession(c.Request().Context(), secret)
	if problem.KindOf(err) == problem.NotFound {
		g.SetSession(c, "")
		return nil
	}
	if err != nil {
		return err
	}
	v := VisitOf(c)
	v.User, v.Session, v.Fresh = user, found.Hash, g.Accounts.Confirmed(found)
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

// RequireFreshForEmail returns a problem if email differs from the visitor's email
// and they have not re-authenticated recently. Where the site sends reset links, the
// thief of a session could otherwise keep the account.
func (g *Gate) RequireFreshForEmail(c echo.Context, email string) error {
	if !g.Accounts.SendsMail() || VisitOf(c).Fresh {
		return nil
	}
	u, err := g.Accounts.Me(c.Request().Context(), Visitor(c))
	if err != nil || strings.TrimSpace(email) == string(u.Email) {
		return err
	}
	return problem.OnField("email",
		"To change your email, confirm it's you first: open /confirm in another tab, then send this again.")
}
