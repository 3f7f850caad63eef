package site

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/models"
)

// ContentShow handles GET /content/:id/:name on the content host: the bytes
// that a ticket names. Each request checks again whether the viewer of the
// ticket can read the file.
func (s *Site) ContentShow(c echo.Context) error {
	ticket := gate.VisitOf(c).Ticket
	open := s.Files.Open
	if ticket.Variant == gate.OriginalBytes {
		open = s.Files.OpenOriginal
	}
	opened, err := open(c.Request().Context(), models.User{ID: ticket.Viewer}, ticket.File)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	ticket.Inline = ticket.Inline && filetypes.Inline(opened.File)
	kind := opened.File.Kind
	if ticket.Inline && (transfer.HasPlayer(kind) || transfer.HasFrame(kind)) { // pages embed nothing else from the content host
		c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return s.SendFileFor(c, opened, ticket)
}
