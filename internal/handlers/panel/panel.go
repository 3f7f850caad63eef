// Package panel has the pages for moderators and admins. It is the only package
// that knows what these pages show.
package panel

import (
	"log/slog"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/settings"
)

// A Panel has the handlers of the pages, and what they need.
type Panel struct {
	*gate.Gate
	*page.Renderer
	*transfer.Line
	Actions        actions.Actions
	Files          *files.Service
	Audit          *audit.Service
	BrowserReports *browserreports.Service
	Certificates   *certificates.Service // nil: a proxy handles TLS
	SettingEdits   *settings.Service
	Leaving        *leaving.Service
	Moderation     *moderation.Service
	Queue          Queue
	Host           Host
}

// maxOpenReports is the largest number of reports that the navigation shows.
const maxOpenReports = 999

// frame returns the frame of a page of the panel. If the reports cannot be counted, it logs
// why, and the navigation shows no number.
func (p *Panel) frame(c echo.Context, title string) page.Frame {
	f := p.Frame(c, title)
	n, err := p.Moderation.CountOpen(c.Request().Context(), maxOpenReports)
	if err != nil {
		p.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "counting reports", slog.Any("err", err))
	}
	f.OpenReports = n
	return f
}
