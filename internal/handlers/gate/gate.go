// Package gate decides which visitors can use a route, and on what terms. It is the
// only package that knows cookies, form tokens, hosts and proxies, and how requests
// are counted. Handlers ask it for the visitor; it knows no page and no handler.
package gate

import (
	"log/slog"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
)

// A Gate holds what the guards need.
type Gate struct {
	Accounts *accounts.Service
	Limits   *limits.Service
	IPRules  *iprules.Service
	Overview *overview.Service
	Options  Options
	Log      *slog.Logger
	Now      func() time.Time
	Used     map[models.Role]map[limits.Act]bool // UsedActs of all routes
	Traffic  *Traffic
}
