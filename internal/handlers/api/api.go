// Package api is the JSON API, for clients with API tokens. It is the only package
// that knows the JSON of the nouns: each type names its members, so that a new field of
// a noun does not become public by itself. Times are in UTC.
package api

import (
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/shares"
)

// An API holds what its handlers need. All fields must be set.
type API struct {
	*gate.Gate
	*transfer.Line
	Actions      actions.Actions
	Posts        *posts.Service
	Files        *files.Service
	Shares       *shares.Service
	Requests     *requests.Service
	Audit        *audit.Service
	SettingEdits *settings.Service
}
