package handlers

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// staticFiles returns the handler of the built assets. Their names have a hash of their
// content, so browsers can cache them for ever.
func staticFiles() (echo.HandlerFunc, error) {
	assets, err := web.Static()
	if err != nil {
		return nil, fmt.Errorf("finding the assets: %w", err)
	}
	server := http.StripPrefix(web.StaticPrefix, http.FileServerFS(assets))
	return func(c echo.Context) error {
		name := strings.TrimPrefix(c.Request().URL.Path, web.StaticPrefix)
		info, err := fs.Stat(assets, name)
		if err != nil || info.IsDir() || strings.HasPrefix(name, ".") {
			return problem.New(problem.NotFound, "Page not found.")
		}
		c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		server.ServeHTTP(c.Response(), c.Request())
		return nil
	}, nil
}
