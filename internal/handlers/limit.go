package handlers

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
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
			decision, err := s.Limits.Take(c.Request().Context(), act, caller(c))
			if err != nil {
				return err
			}
			if decision.Refused {
				newBareBody(c).drain()
				return decision.Problem()
			}
			return next(c)
		}
	}
}
