package gate

import (
	"errors"
	"net/http"

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

// LimitStrays counts requests that no limit of a route counts: OPTIONS, preflights of
// CORS, and what ends in an error before it reaches a route or on one without a limit.
// Otherwise looking for paths and methods would cost nothing.
func (g *Gate) LimitStrays(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method == http.MethodOptions {
			if err := g.take(c, limits.Stray, Caller(c)); err != nil {
				return err
			}
		}
		err := next(c)
		if err == nil || VisitOf(c).counted {
			return err
		}
		if over := g.take(c, limits.Stray, Caller(c)); over != nil {
			return over
		}
		return err
	}
}

// take counts one act for who and sets the limit headers. Over the limit it returns
// a TooMany problem.
func (g *Gate) take(c echo.Context, act limits.Act, who limits.Caller) error {
	VisitOf(c).counted = true
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
// before checking the password. The attempt counts for the account as typed, username or
// email, whether it exists or not: else the limit would tell which account an email
// belongs to. Attempts from networks that its user never signed in from count together, so
// that many addresses guess no faster than one; when they are too many, the user is told. Over a limit it returns a TooMany problem.
func (g *Gate) TakePasswordTry(c echo.Context, typed, username string) error {
	who := Caller(c)
	who.Account = typed
	if err := g.take(c, limits.LoginAccount, who); err != nil {
		return err
	}
	if Visitor(c).SignedIn() {
		return nil // they have the password, or had it
	}
	known, err := g.Accounts.KnowsNetwork(c.Request().Context(), username, Client(c))
	if err != nil || known {
		return err
	}
	err = g.take(c, limits.LoginElsewhere, who)
	if problem.KindOf(err) == problem.TooMany {
		err = errors.Join(err, g.Accounts.TellOfGuessing(c.Request().Context(), username))
	}
	return err
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
