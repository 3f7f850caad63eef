package gate

import (
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// APIPrefix begins the path of every route of the API.
const APIPrefix = "/api/v1"

// CORS allows pages of the configured origins to use the API, and nothing else. It
// answers preflight requests of other origins without CORS headers.
func (g *Gate) CORS() echo.MiddlewareFunc {
	settings := g.Options.CORS
	return middleware.CORSWithConfig(middleware.CORSConfig{
		Skipper: func(c echo.Context) bool {
			return !strings.HasPrefix(c.Request().URL.Path, APIPrefix+"/") || g.OnContentHost(c)
		},
		AllowOriginFunc: func(origin string) (bool, error) {
			return settings.Allows != nil && settings.Allows(origin), nil
		},
		AllowMethods: settings.Methods, AllowHeaders: settings.Headers, ExposeHeaders: settings.Exposed,
		AllowCredentials: settings.Credentials, MaxAge: int(settings.MaxAge.Seconds()),
	})
}

// AllowedByCORS reports whether CORS allowed the page that sent the request.
func AllowedByCORS(c echo.Context) bool {
	return c.Response().Header().Get(echo.HeaderAccessControlAllowOrigin) != ""
}
