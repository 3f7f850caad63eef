package handlers

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// limitRate counts a request to its visitor, and rejects one over the limit.
func (s *Server) limitRate(act limits.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if act == limits.Exempt {
			return next
		}
		return func(c echo.Context) error {
			err := s.take(c, act, caller(c))
			if problem.KindOf(err) == problem.TooMany {
				s.refuseBody(c)
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
func (s *Server) take(c echo.Context, act limits.Act, who limits.Caller) error {
	decision, err := s.Limits.Take(c.Request().Context(), act, who)
	if err != nil {
		return err
	}
	s.tellWindows(c, decision.Windows)
	if decision.Refused {
		return decision.Problem()
	}
	return nil
}

// takePasswordTry counts an attempt at the password of an account, before any
// work is spent on it. It is counted to the name that was typed, whether or not
// there is such an account.
func (s *Server) takePasswordTry(c echo.Context, username string) error {
	who := caller(c)
	who.Account = username
	return s.take(c, limits.LoginAccount, who)
}

// showWait renders a form that a limit refused, by render, which gets the number
// of seconds to wait. An err that is not one TooMany problem is returned.
func (s *Server) showWait(c echo.Context, err error, render func(problems Problems, wait int) error) error {
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != problem.TooMany {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set(retryAfter, seconds(found[0].RetryIn))
	return render(found, wholeSeconds(found[0].RetryIn))
}
