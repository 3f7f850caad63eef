package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// identify finds out who the visitor is, by the credential that the route
// honours. A credential that is not valid is not refused here but by
// requireAccess, after the limit has counted the attempt: guessing is limited.
func (s *Server) identify(a Access) echo.MiddlewareFunc {
	by := map[Credential]func(echo.Context) error{
		Session: s.identifySession, Token: s.identifyToken, Ticket: s.identifyTicket,
		NoCredential: func(echo.Context) error { return nil },
	}[a.By]
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			VisitOf(c).refusal = by(c)
			return next(c)
		}
	}
}

func (s *Server) sessionCookie() cookie {
	return cookie{name: "session", life: s.Settings.SessionLifetime, secure: s.Settings.Secure}
}

// identifySession honours the session cookie, and clears one that has expired.
func (s *Server) identifySession(c echo.Context) error {
	secret := s.sessionCookie().get(c)
	if secret == "" {
		return nil // a guest
	}
	found, user, err := s.Accounts.BySession(c.Request().Context(), secret)
	if problem.KindOf(err) == problem.NotFound {
		s.setSession(c, "")
		return nil
	}
	if err != nil {
		return err
	}
	v := VisitOf(c)
	v.User, v.Session, v.Fresh = user, found.Hash, s.Accounts.Confirmed(found)
	return nil
}

// setSession gives the browser the secret of its session, or clears it when
// secret is "".
func (s *Server) setSession(c echo.Context, secret models.Secret) { s.sessionCookie().set(c, secret) }

// endSession ends the session that the browser has, if any.
func (s *Server) endSession(c echo.Context) error {
	if secret := s.sessionCookie().get(c); secret != "" {
		return s.Accounts.LogOut(c.Request().Context(), secret)
	}
	return nil
}

// startSession gives the browser its new session in place of the one it had, so
// that nobody continues under two names, and redirects to next.
func (s *Server) startSession(c echo.Context, secret models.Secret, next string) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	s.setSession(c, secret)
	return c.Redirect(http.StatusSeeOther, next)
}
