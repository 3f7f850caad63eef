package api

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
)

// openAPI describes the API in OpenAPI 3.1. It is written by hand, and a test compares
// it with the routes and every response.
//
//go:embed openapi.json
var openAPI []byte

// Description handles GET /api/v1/openapi.json.
func (a *API) Description(c echo.Context) error {
	if !a.Options.APIDocs {
		return gate.ErrNotFound()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=300")
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, openAPI)
}
