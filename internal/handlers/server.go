// Package handlers turns requests into calls on the services, and their
// results into pages and JSON. It is the only package that knows Echo.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/singleflight"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/web"
)

// A Server holds what the handlers need. All fields must be set.
type Server struct {
	Accounts     *accounts.Service
	Posts        *posts.Service
	Files        *files.Service
	Reports      *browserreports.Service
	Limits       *limits.Service
	SettingEdits *settings.Service
	IPRules      *iprules.Service
	Audit        *audit.Service
	Leaving      *leaving.Service
	OIDC         *oidc.Service
	Overview     *overview.Service
	Moderation   *moderation.Service
	Queue        Queue
	Pages        *web.Pages
	Ready        func(context.Context) error // reports why the site cannot serve, if it cannot
	Certificates *certificates.Service       // nil: another speaks TLS
	Log          *slog.Logger
	Now          func() time.Time
	Settings     Settings

	used      map[models.Role]map[limits.Act]bool // the acts of the routes
	shareFeed singleflight.Group
	exporting sync.Map // the users to whom all their data is on its way
}

// Settings are what the visitor's side must know of the configuration.
type Settings struct {
	PublicURL        string   // scheme and host, without a slash at the end
	AllowedHosts     []string // further names of the site, in lower case
	TrustedProxies   []netip.Prefix
	CORS             CORS
	SecurityContacts []string      // mailto: or https addresses for security.txt
	APIDocs          bool          // the description of the API is served
	HSTS             string        // Strict-Transport-Security, once people come by TLS; empty: none
	Secure           bool          // people come by HTTPS: cookies are bound to it
	SessionLifetime  time.Duration // of the cookie
	ReadTimeout      time.Duration // a visitor who sends nothing for so long is let go
	WriteTimeout     time.Duration // and so is one who takes nothing
	ContentOrigin    string        // scheme and host of the content; empty: files come from PublicURL
	ContentKey       models.Secret // signs the links to it
}

func (s *Server) actions() Actions { return Actions{Accounts: s.Accounts, Leaving: s.Leaving} }

// Handler returns the whole site.
func (s *Server) Handler() (http.Handler, error) {
	if err := s.checkContent(); err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = s.showProblem
	e.Use(s.resolveClient, s.logRequest, recoverPanic, s.secureHeaders, s.requireAllowedAddress, limitRequest, s.requireTLS, s.cors(), sameOrigin())
	static, err := staticFiles()
	if err != nil {
		return nil, err
	}
	all := append(s.routes(), Route{http.MethodGet, web.StaticPrefix + "*", static, Machines, limits.Exempt, NoBody})
	s.used = usedActs(all)
	for _, r := range all {
		if err := s.checkRoute(r); err != nil {
			return nil, err
		}
		s.register(e, r)
	}
	return e, nil
}

// checkRoute reports why a row of the map is not complete.
func (s *Server) checkRoute(r Route) error {
	if _, ok := s.Limits.Current().Rule(r.Act); !ok && r.Act != limits.Exempt {
		return fmt.Errorf("%s %s: no rule limits %q", r.Method, r.Path, r.Act)
	}
	if (r.Access.By == Token) != (r.Access.Scope != "") {
		return fmt.Errorf("%s %s: a route for API tokens must name a scope, and no other may", r.Method, r.Path)
	}
	return nil
}

// register adds r, with its guards, to e. What can be read by GET can be asked
// for by HEAD too.
func (s *Server) register(e *echo.Echo, r Route) {
	guards := []echo.MiddlewareFunc{
		s.splitHosts(r.Access), s.requireHost(r.Access), cleanParams, s.deadlines(r.Body), limitBody(r.Body),
		s.identify(r.Access), s.limitRate(r.Act), s.requireAccess(r.Access),
	}
	if r.Body.Files() {
		guards = append(guards, s.atOnce(limits.UploadsAtOnce), s.chargeUpload, s.stopWhenRevoked)
	}
	if r.Act == limits.Download || r.Act == limits.Zip {
		guards = append(guards, s.atOnce(limits.DownloadsAtOnce))
	}
	if r.Access.By == Session {
		guards = append(guards, limitFields, s.checkFormToken(r.Body))
	}
	e.Add(r.Method, r.Path, r.Handler, guards...)
	if r.Method == http.MethodGet {
		e.Add(http.MethodHead, r.Path, r.Handler, guards...)
	}
}

// HTTPServer returns the server that gives the site to visitors. There is no
// limit on a whole request, for an upload may take hours; each route's
// deadlines are set by its guard, and roll while bytes come and go.
func HTTPServer(site http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           site,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100, SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
