package handlers

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// caller is whom the request is counted to.
func caller(c echo.Context) limits.Caller { return limits.CallerOf(visitor(c), cameBy(c).addr) }

// limited counts what a route costs to its visitor, and refuses what is too much.
func (s *Server) limited(act limits.Act) echo.MiddlewareFunc {
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

// take counts one act to who, and has the answer say where they stand. Its
// error is a TooMany problem for whoever did too much.
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

// takePassword counts that the password of an account is tried, before any
// work is spent on it. It is counted to the name that was typed, whether or
// not it is anybody's.
func (s *Server) takePassword(c echo.Context, username string) error {
	who := caller(c)
	who.Account = username
	return s.take(c, limits.LoginAccount, who)
}

// showWait renders a form that was refused for coming too often, by render,
// which is told for how many seconds; err must be of one problem, or is
// returned for showProblem.
func (s *Server) showWait(c echo.Context, err error, render func(problems Problems, wait int) error) error {
	found := problem.All(err)
	if len(found) != 1 || found[0].Kind != problem.TooMany {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set(retryAfter, seconds(found[0].RetryIn))
	return render(found, wholeSeconds(found[0].RetryIn))
}
