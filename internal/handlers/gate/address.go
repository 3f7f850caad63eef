package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// RequireAllowedAddress rejects visitors whose IP address a rule blocks. Health
// checks and the assets of the error page stay open to everyone.
func (g *Gate) RequireAllowedAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch c.Path() {
		case "/livez", "/readyz", web.StaticPrefix + "*":
			return next(c)
		}
		if !g.IPRules.Allows(originOf(c).Addr) {
			return problem.New(problem.Forbidden,
				"Your IP address is blocked. If you think this is a mistake, contact the administrator of this site.")
		}
		return next(c)
	}
}
