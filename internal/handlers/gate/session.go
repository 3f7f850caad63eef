package gate

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Identify finds out who the visitor is, by the credential that the route
// honours. A credential that is not valid is not refused here but by
// RequireAccess, after the limit has counted the attempt: guessing is limited.
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

func (g *Gate) sessionCookie() Cookie {
	return Cookie{Name: "session", Life: g.Options.SessionLifetime, Secure: g.Options.Secure}
}

// identifySession honours the session cookie, and clears one that has expired.
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

// SetSession gives the browser the secret of its session, or clears it when
// secret is "".
func (g *Gate) SetSession(c echo.Context, secret models.Secret) { g.sessionCookie().Set(c, secret) }

// EndSession ends the session that the browser has, if any.
func (g *Gate) EndSession(c echo.Context) error {
	if secret := g.sessionCookie().Get(c); secret != "" {
		return g.Accounts.LogOut(c.Request().Context(), secret)
	}
	return nil
}

// StartSession gives the browser its new session in place of the one it had, so
// that nobody continues under two names, and redirects to next.
func (g *Gate) StartSession(c echo.Context, secret models.Secret, next string) error {
	if err := g.EndSession(c); err != nil {
		return err
	}
	g.SetSession(c, secret)
	return c.Redirect(http.StatusSeeOther, next)
}

// MayMove refuses another mail address from whoever has not proved of late to be
// there, where mail opens accounts: it would be a way to keep a stolen session.
func (g *Gate) MayMove(c echo.Context, email string) error {
	if !g.Accounts.SendsMail() || VisitOf(c).Fresh {
		return nil
	}
	u, err := g.Accounts.Me(c.Request().Context(), Visitor(c))
	if err != nil || strings.TrimSpace(email) == string(u.Email) {
		return err
	}
	return problem.OnField("email", "To change your email, confirm it's you first: open /confirm in another tab, then send this again.")
}
