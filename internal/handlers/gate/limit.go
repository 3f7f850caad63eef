package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// LimitRate counts a request to its visitor, and rejects one over the limit.
func (g *Gate) LimitRate(act limits.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if act == limits.Exempt {
			return next
		}
		return func(c echo.Context) error {
			err := g.take(c, act, Caller(c))
			if problem.KindOf(err) == problem.TooMany {
				g.RefuseBody(c)
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// take counts one act to who, and tells them in the headers how much is left.
// Over the limit its error is a TooMany problem.
func (g *Gate) take(c echo.Context, act limits.Act, who limits.Caller) error {
	decision, err := g.Limits.Take(c.Request().Context(), act, who)
	if err != nil {
		return err
	}
	g.TellWindows(c, decision.Windows)
	if decision.Refused {
		return decision.Problem()
	}
	return nil
}

// TakePasswordTry counts an attempt at the password of an account, before any
// work is spent on it. It is counted to the name that was typed, whether or not
// there is such an account.
func (g *Gate) TakePasswordTry(c echo.Context, username string) error {
	who := Caller(c)
	who.Account = username
	return g.take(c, limits.LoginAccount, who)
}
