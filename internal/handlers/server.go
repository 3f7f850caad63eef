// Package handlers is the front of house: the table of routes (routes.go, routes_api.go), and the
// rooms that answer them. It and its rooms are the only packages that know Echo.
// The rooms are site (pages for guests and users), panel (pages for moderators and
// admins) and api (JSON for programs), over page (how a page is made and an error
// shown) and transfer (bytes in and out), all over gate (who may use a route).
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/audit"
	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/api"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/panel"
	"example.org/cloakroom/internal/handlers/site"
	"example.org/cloakroom/internal/handlers/transfer"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/oidc"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/settings"
	"example.org/cloakroom/internal/shares"
	"example.org/cloakroom/web"
)

// Options are the part of the configuration that handlers need.
type Options = gate.Options

// CORS says which pages of other sites can use the API.
type CORS = gate.CORS

// Traffic counts requests by route.
type Traffic = gate.Traffic

// RouteTraffic counts the requests of a route.
type RouteTraffic = gate.RouteTraffic

// DurationBounds returns the bounds of RouteTraffic.Durations.
func DurationBounds() []time.Duration { return gate.DurationBounds() }

// Funcs are the functions that templates can call.
var Funcs = page.Funcs

// OIDCReturn is the path to which an OpenID Connect provider redirects browsers.
const OIDCReturn = site.OIDCReturn

// A Host is what the site runs on.
type Host = panel.Host

// A Server holds what the handlers need. All fields but Certificates must be set.
type Server struct {
	Accounts       *accounts.Service
	Posts          *posts.Service
	Files          *files.Service
	BrowserReports *browserreports.Service
	Limits         *limits.Service
	SettingEdits   *settings.Service
	IPRules        *iprules.Service
	Audit          *audit.Service
	Leaving        *leaving.Service
	OIDC           *oidc.Service
	Overview       *overview.Service
	Moderation     *moderation.Service
	Notifications  *notifications.Service
	Shares         *shares.Service
	Requests       *requests.Service
	Queue          panel.Queue
	Host           Host
	Pages          *web.Pages
	Ready          func(context.Context) error // returns an error if the site cannot serve
	Certificates   *certificates.Service       // nil: a proxy handles TLS
	Log            *slog.Logger
	Now            func() time.Time
	Options        Options
	Traffic        gate.Traffic // counts requests, for the metrics; the zero value is ready
}

// rooms are the packages of the handlers, with what they need from a Server.
type rooms struct {
	gate     *gate.Gate
	page     *page.Renderer
	line     *transfer.Line
	machines *machines
	site     *site.Site
	panel    *panel.Panel
	api      *api.API
}

// How many previews a node makes at the same time, and how long others wait for their turn.
const (
	previewsAtOnce = 2
	previewWait    = 10 * time.Second
)

// rooms returns the rooms of s.
func (s *Server) rooms() rooms {
	g := &gate.Gate{
		Accounts: s.Accounts, Limits: s.Limits, IPRules: s.IPRules, Overview: s.Overview,
		Options: s.Options, Log: s.Log, Now: s.Now, Used: nil, Traffic: &s.Traffic,
	}
	re := &page.Renderer{Gate: g, Pages: s.Pages, OIDC: s.OIDC, Files: s.Files, Posts: s.Posts, About: s.about}
	l := &transfer.Line{Gate: g, Files: s.Files}
	acts := actions.Actions{Accounts: s.Accounts, Leaving: s.Leaving}
	return rooms{
		gate: g, page: re, line: l,
		machines: &machines{Gate: g, Ready: s.Ready, Certificates: s.Certificates, BrowserReports: s.BrowserReports},
		site: &site.Site{
			Gate: g, Renderer: re, Line: l, Posts: s.Posts, Files: s.Files, Leaving: s.Leaving, OIDC: s.OIDC, Moderation: s.Moderation,
			Notifications: s.Notifications,
			Shares:        s.Shares, Requests: s.Requests, Previews: preview.NewMaker(previewsAtOnce, previewWait),
		},
		panel: &panel.Panel{
			Gate: g, Renderer: re, Line: l, Actions: acts, Files: s.Files, Audit: s.Audit, BrowserReports: s.BrowserReports,
			Certificates: s.Certificates, SettingEdits: s.SettingEdits, Leaving: s.Leaving,
			Moderation: s.Moderation, Queue: s.Queue, Host: s.Host,
		},
		api: &api.API{
			Gate: g, Line: l, Actions: acts, Posts: s.Posts, Files: s.Files, Shares: s.Shares, Requests: s.Requests,
			Audit: s.Audit, SettingEdits: s.SettingEdits,
		},
	}
}

// about returns what the admin says about the site.
func (s *Server) about() page.SiteInfo {
	now := s.SettingEdits.Current()
	return page.SiteInfo{
		Name: now.SiteName, Welcome: now.WelcomeText, Contact: now.Contact, Imprint: now.ImprintURL, Privacy: now.PrivacyURL,
		Terms: now.TermsURL, HomePage: s.Options.PublicURL,
	}
}

// Handler returns the handler of the whole site. It returns an error if the options or
// a route are not valid.
func (s *Server) Handler() (http.Handler, error) {
	r := s.rooms()
	if err := r.gate.CheckContent(); err != nil {
		return nil, err
	}
	static, err := staticFiles()
	if err != nil {
		return nil, err
	}
	rows := slices.Concat(routes(r.machines, r.site, r.panel), apiRoutes(r.site, r.api), apiAdminRoutes(r.api))
	rows = append(rows, row{GET, web.StaticPrefix + "*", static, gate.Machines, limits.Exempt, gate.NoBody})
	table := make([]gate.Route, len(rows))
	for i, one := range rows {
		table[i] = gate.Route(one)
	}
	r.gate.Used = gate.UsedActs(table)
	e := echo.New()
	e.HTTPErrorHandler = r.page.ShowProblem
	// Echo would wrap the handlers anew for each request.
	all := guarded(func(c echo.Context) error { return c.Handler()(c) },
		r.gate.ResolveClient, r.gate.LogRequest, gate.RecoverPanic, r.gate.SecureHeaders(), gate.CloseAmbiguous, r.gate.LimitStrays,
		r.gate.RequireAllowedAddress, gate.LimitRequest, r.gate.RequireTLS, r.gate.CORS(), gate.RequireSameOrigin())
	e.Use(func(echo.HandlerFunc) echo.HandlerFunc { return all })
	for _, one := range table {
		if err := s.checkRoute(one); err != nil {
			return nil, err
		}
		r.register(e, one)
	}
	return e, nil
}

// checkRoute returns an error if a route lacks a limit, or its scope does not fit its
// credential.
func (s *Server) checkRoute(r gate.Route) error {
	if _, ok := s.Limits.Current().Rule(r.Act); !ok && r.Act != limits.Exempt {
		return fmt.Errorf("%s %s: no rule limits %q", r.Method, r.Path, r.Act)
	}
	if (r.Access.By == gate.Token) != (r.Access.Scope != "") {
		return fmt.Errorf("%s %s: a route for API tokens must name a scope, and no other may", r.Method, r.Path)
	}
	return nil
}

// register adds a route with its guards to e. A route for GET serves HEAD too.
func (r rooms) register(e *echo.Echo, row gate.Route) {
	guards := []echo.MiddlewareFunc{
		r.gate.SplitHosts(row.Access), r.gate.RequireHost(row.Access), gate.CleanParams, gate.DropQuery,
		r.line.Deadlines(row.Body), gate.LimitBody(row.Body),
		r.gate.Identify(row.Access), r.gate.LimitRate(row.Act), r.gate.RequireAccess(row.Access),
	}
	if row.Body.Files() {
		guards = append(guards, r.gate.RequireWhole, r.line.AtOnce(limits.UploadsAtOnce), r.line.ChargeUpload, r.line.StopWhenRevoked)
	}
	if row.Act == limits.Download || row.Act == limits.Zip {
		guards = append(guards, r.line.AtOnce(limits.DownloadsAtOnce))
	}
	if row.Access.By == gate.Session {
		guards = append(guards, gate.LimitFields, r.gate.RequireFormToken(row.Body))
	}
	handler := guarded(row.Handler, guards...)
	e.Add(row.Method, row.Path, r.gate.Traffic.Counted(row.Method, row.Path, handler))
	if row.Method == GET {
		e.Add(http.MethodHead, row.Path, r.gate.Traffic.Counted(http.MethodHead, row.Path, handler))
	}
}

// guarded returns handler behind the guards, of which the first runs first.
func guarded(handler echo.HandlerFunc, guards ...echo.MiddlewareFunc) echo.HandlerFunc {
	for _, guard := range slices.Backward(guards) {
		handler = guard(handler)
	}
	return handler
}

// HTTPServer returns the server of the site. It sets no deadline for a whole request,
// because an upload can take hours: the guard Deadlines sets those of each route, and
// moves them while bytes arrive and are sent.
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
