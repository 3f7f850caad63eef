package transfer

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// SendFile sends an opened file to the visitor, whose access the caller has checked.
// With a content host it redirects there, except for pages that CORS allows: their
// scripts read the bytes, so no browser shows them as a page.
func (l *Line) SendFile(c echo.Context, opened files.OpenFile, which gate.Variant, inline bool) error {
	ticket := gate.ContentTicket{
		File: opened.File.ID, Variant: which, Inline: inline,
		Viewer: gate.Visitor(c).ID, Credential: gate.CredentialOf(c), Expires: 0,
	}
	if l.Options.ContentOrigin == "" || gate.AllowedByCORS(c) {
		return l.SendFileFor(c, opened, ticket)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, l.ContentURL(ticket, opened.Name, inline && HasPlayer(opened.File.Kind)))
}

// HasPlayer reports whether pages have a media player for files of that kind.
func HasPlayer(kind models.FileKind) bool {
	return kind == models.KindAudio || kind == models.KindVideo
}

// HasFrame reports whether pages show files of that kind in a frame, with the browser's viewer.
func HasFrame(kind models.FileKind) bool { return kind == models.KindPDF }

// SendFileFor sends an opened file, charges the visitor, and cuts the response once
// the viewer of the ticket loses access to the file.
func (l *Line) SendFileFor(c echo.Context, opened files.OpenFile, ticket gate.ContentTicket) error {
	return l.SendBytes(c, Bytes{
		Content: opened.Blob.ReadSeekCloser, Size: opened.Blob.Size, ModTime: opened.Blob.ModTime,
		MediaType: opened.MediaType, ETag: opened.ETag,
		Disposition: Disposition(ticket.Disposition(), string(opened.Name)),
		May:         func(ctx context.Context) error { return l.mayStillRead(ctx, ticket) },
		Charged:     true,
		Framed:      ticket.Inline && HasFrame(opened.File.Kind),
	})
}

// mayStillRead returns an error if the viewer of a ticket has lost access to its
// file: their session or API token ended, or the file is deleted or hidden from them.
func (l *Line) mayStillRead(ctx context.Context, t gate.ContentTicket) error {
	if t.Credential != "" {
		if _, err := l.Accounts.StillAuthenticated(ctx, t.Viewer, t.Credential); err != nil {
			return err
		}
	}
	find := l.Files.Find
	if t.Variant == gate.OriginalBytes {
		find = l.Files.FindOriginal
	}
	_, err := find(ctx, models.User{ID: t.Viewer}, t.File)
	return err
}
