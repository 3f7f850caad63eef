package handlers

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

// openAPI describes the API, in OpenAPI 3.1. It is written by hand; a test
// holds the routes and every answer against it.
//
//go:embed openapi.json
var openAPI []byte

// apiDescription handles GET /api/v1/openapi.json.
func (s *Server) apiDescription(c echo.Context) error {
	if !s.Settings.APIDocs {
		return errNotFound()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=300")
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, openAPI)
}
