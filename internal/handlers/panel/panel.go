// Package panel has the pages for moderators and admins. It is the only package
// that knows what these pages show.
package panel

import (
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
}
