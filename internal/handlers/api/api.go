// Package api answers programs: JSON in, JSON out, by API tokens. It is the only
// package that knows how our nouns look in JSON.
package api

import (
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/settings"
)

// An API holds what the answers need.
type API struct {
	*gate.Gate
	*transfer.Line
	Actions      actions.Actions
	Posts        *posts.Service
	Files        *files.Service
	Audit        *audit.Service
	SettingEdits *settings.Service
}
