package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// LimitRate counts the request for its visitor, and rejects it over the limit.
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

// take counts one act for who and sets the limit headers. Over the limit it returns
// a TooMany problem.
func (g *Gate) take(c echo.Context, act limits.Act, who limits.Caller) error {
	decision, err := g.Limits.Take(c.Request().Context(), act, who)
	if err != nil {
		return err
	}
	g.SetLimitHeaders(c, decision.Windows)
	if decision.Refused {
		return decision.Problem()
	}
	return nil
}

// TakePasswordTry counts an attempt to guess the password of an account. Call it
// before checking the password. The attempt counts for the username as typed, even
// if that account does not exist. Over the limit it returns a TooMany problem.
func (g *Gate) TakePasswordTry(c echo.Context, username string) error {
	who := Caller(c)
	who.Account = username
	return g.take(c, limits.LoginAccount, who)
}

// TakeUnlock counts an attempt to guess the password of a share. Call it before
// checking the password. Over the limit it returns a TooMany problem.
func (g *Gate) TakeUnlock(c echo.Context, share string) error {
	who := Caller(c)
	who.Account = share
	return g.take(c, limits.Unlock, who)
}

// TakeShareMiss counts a link that opens no share, and returns miss, or a TooMany
// problem over the limit. Links that open something cost nothing here.
func (g *Gate) TakeShareMiss(c echo.Context, miss error) error {
	if err := g.take(c, limits.ShareMiss, Caller(c)); err != nil {
		return err
	}
	return miss
}
