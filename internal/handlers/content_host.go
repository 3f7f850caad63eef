package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
)

// SendFile sends an opened file to the visitor, who may have it: by a redirect
// to the content host, if there is one. A page of another site that may use the
// API gets the bytes here: its script reads them, and no browser shows them.
func (s *Server) SendFile(c echo.Context, opened files.OpenFile, which Variant, inline bool) error {
	ticket := ContentTicket{
		File: opened.File.ID, Variant: which, Inline: inline,
		Viewer: visitor(c).ID, Credential: credential(c), Expires: 0,
	}
	if s.Settings.ContentOrigin == "" || allowedByCORS(c) {
		return s.sendFileFor(c, opened, ticket)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, s.contentURL(ticket, opened.File.Name, inline && hasPlayer(opened.File.Kind)))
}

// hasPlayer reports whether our pages have a player for files of that kind.
func hasPlayer(kind models.FileKind) bool {
	return kind == models.KindAudio || kind == models.KindVideo
}

// contentShow handles GET /content/:id/:name on the content host. The ticket says
// what its viewer was given; whether they may still have it is asked again with
// each request.
func (s *Server) contentShow(c echo.Context) error {
	ticket := VisitOf(c).Ticket
	open := s.Files.Open
	if ticket.Variant == OriginalBytes {
		open = s.Files.OpenOriginal
	}
	opened, err := open(c.Request().Context(), models.User{ID: ticket.Viewer}, ticket.File)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	ticket.Inline = ticket.Inline && filetypes.Inline(opened.MediaType, opened.File.Kind)
	if ticket.Inline && hasPlayer(opened.File.Kind) { // our pages embed nothing else from here
		c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return s.sendFileFor(c, opened, ticket)
}

// sendFileFor sends an opened file for as long as the viewer of the ticket may
// have it.
func (s *Server) sendFileFor(c echo.Context, opened files.OpenFile, ticket ContentTicket) error {
	return s.SendBytes(c, Bytes{
		Blob: opened.Blob, MediaType: opened.MediaType, ETag: opened.ETag, Cache: "",
		Disposition: contentDisposition(ticket.Disposition(), string(opened.File.Name)),
		May:         func(ctx context.Context) error { return s.mayStillRead(ctx, ticket) },
		Charged:     true,
	})
}

// mayStillRead returns an error once the viewer of a ticket may no longer have
// its file: their session or API token ended, or the file is gone or no longer
// theirs to see.
func (s *Server) mayStillRead(ctx context.Context, t ContentTicket) error {
	if t.Credential != "" {
		if _, err := s.Accounts.StillIn(ctx, t.Viewer, t.Credential); err != nil {
			return err
		}
	}
	find := s.Files.Find
	if t.Variant == OriginalBytes {
		find = s.Files.FindOriginal
	}
	_, err := find(ctx, models.User{ID: t.Viewer}, t.File)
	return err
}
