package handlers_test

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/web"
)

// Every body has a media type, and text and XML have a charset too: browsers must guess
// neither.
func TestEveryBody_HasATypeAndACharset(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	paths := []string{"/nowhere", "/api/v1/nowhere", "/up/"}
	for _, r := range routesOf(t, s) {
		if r.Method == http.MethodGet && !strings.Contains(r.Path, "*") {
			paths = append(paths, strings.TrimPrefix(address(r.Path), publicURL))
		}
	}
	assets := must(web.Static())(t)
	files := must(fs.Glob(assets, "*.*"))(t)
	if len(files) < 5 {
		t.Fatalf("only %d assets: build them first", len(files))
	}
	for _, name := range files {
		paths = append(paths, web.StaticPrefix+name)
	}
	for _, path := range paths {
		got := boss.get(path)
		kind, parameters, _ := strings.Cut(got.Header().Get(echo.HeaderContentType), ";")
		text := strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "xml")
		if got.Body.Len() > 0 && (kind == "" || text && !strings.EqualFold(strings.TrimSpace(parameters), "charset=utf-8")) {
			t.Errorf("%s: the type is %q", path, got.Header().Get(echo.HeaderContentType))
		}
	}
}
