package handlers

import (
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// CORS says which pages of other sites may use the API (OWASP ASVS 5.0, 3.4.2).
type CORS struct {
	Allows      func(origin string) bool // nil: nobody's
	Methods     []string
	Headers     []string // that a page may send
	Exposed     []string // that a page may read
	MaxAge      time.Duration
	Credentials bool
}

// cors lets pages of allowed origins use the API, and nothing but the API.
// The preflight of another origin is answered without a word about CORS.
func (s *Server) cors() echo.MiddlewareFunc {
	settings := s.Settings.CORS
	return middleware.CORSWithConfig(middleware.CORSConfig{
		Skipper: func(c echo.Context) bool {
			return !strings.HasPrefix(c.Request().URL.Path, apiPrefix+"/") || s.onContentHost(c)
		},
		AllowOriginFunc: func(origin string) (bool, error) {
			return settings.Allows != nil && settings.Allows(origin), nil
		},
		AllowMethods: settings.Methods, AllowHeaders: settings.Headers, ExposeHeaders: settings.Exposed,
		AllowCredentials: settings.Credentials, MaxAge: int(settings.MaxAge.Seconds()),
	})
}

// allowedByCORS reports whether cors allowed the page that sent the request.
func allowedByCORS(c echo.Context) bool {
	return c.Response().Header().Get(echo.HeaderAccessControlAllowOrigin) != ""
}
