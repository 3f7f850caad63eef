package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/page"
)

// fileTypesPage is the page "file_types".
type fileTypesPage struct {
	page.Frame
	AnyType bool              // every type of file is allowed
	Groups  []filetypes.Group // that are allowed
}

// FileTypes handles GET /file-types: which types of files can be uploaded.
func (s *Site) FileTypes(c echo.Context) error {
	return s.Show(c, http.StatusOK, "file_types", fileTypesPage{
		Frame: s.Frame(c, "File types"), AnyType: s.AnyType(), Groups: s.Files.Policy.Get().Types.Groups(),
	})
}
