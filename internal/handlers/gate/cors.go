package gate

import (
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// APIPrefix begins every address of the API.
const APIPrefix = "/api/v1"

// apiAdminPrefix begins the addresses for those who look after the site.
const apiAdminPrefix = APIPrefix + "/admin"

// CORS lets pages of allowed origins use the API, and nothing but the API.
// The preflight of another origin is answered without a word about CORS.
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

// AllowedByCORS reports whether cors allowed the page that sent the request.
func AllowedByCORS(c echo.Context) bool {
	return c.Response().Header().Get(echo.HeaderAccessControlAllowOrigin) != ""
}
