package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
)

// A route is an address of the site with its guards: there is no other way to
// register one, so none can be forgotten.
type route struct {
	method  string
	path    string
	handler echo.HandlerFunc
	access  access
	act     limits.Act // what it costs its visitor; none may be without
	body    bodyCap
}

// A bodyCap is the largest body a route reads, in bytes.
type bodyCap int64

const (
	noBody    bodyCap = 0
	smallBody bodyCap = 64 << 10  // forms and JSON without long texts
	textBody  bodyCap = 256 << 10 // 10,000 characters, each escaped as JSON may
	// files streams: its handler caps each part, and files.Service each file.
	fileBody bodyCap = -1
)

// routes is the map of the site.
func (s *Server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	site := []route{
		{get, "/livez", s.alive, probes, limits.Exempt, noBody},
		{get, "/readyz", s.ready, probes, limits.Exempt, noBody},
		{get, "/favicon.ico", s.favicon, probes, limits.Exempt, noBody},
		{get, "/robots.txt", s.robots, probes, limits.Exempt, noBody},
		{get, "/.well-known/security.txt", s.securityText, machines, limits.Exempt, noBody},
		{post, reportsPath, s.reportsReceive, machines, limits.Browser, smallBody},

		{get, "/", s.feed, public, limits.Page, noBody},
		{get, "/posts/:id", s.postShow, public, limits.Page, noBody},
		{get, "/tags/:tag", s.tagShow, public, limits.Page, noBody},
		{get, "/users/:username", s.userShow, public, limits.Page, noBody},
		{get, "/users/:username/avatar", s.userAvatar, public, limits.Part, noBody},
		{get, "/search", s.search, public, limits.Search, noBody},

		{get, "/posts/new", s.postNew, signedIn, limits.Page, noBody},
		{post, "/posts", s.postCreate, signedIn, limits.Post, fileBody},
		{get, "/posts/deleted", s.postDeleted, signedIn, limits.Page, noBody},
		{get, "/posts/:id/edit", s.postEdit, signedIn, limits.Page, noBody},
		{post, "/posts/:id/edit", s.postUpdate, signedIn, limits.Change, fileBody},
		{post, "/posts/:id/delete", s.postDelete, signedIn, limits.Delete, smallBody},
		{post, "/posts/:id/restore", s.postRestore, signedIn, limits.Change, smallBody},
		{post, "/posts/:id/comments", s.commentCreate, signedIn, limits.Comment, smallBody},
		{post, "/comments/:id/delete", s.commentDelete, signedIn, limits.Delete, smallBody},

		{get, "/files", s.fileList, signedIn, limits.Page, noBody},
		{post, "/files", s.fileCreate, signedIn, limits.Upload, fileBody},
		{post, "/files/:id/delete", s.fileDelete, signedIn, limits.Delete, smallBody},
		{get, "/files/:id/state", s.fileState, signedIn, limits.Part, noBody},
		{get, "/files/:id/original", s.fileOriginal, signedIn, limits.Download, noBody},
		{get, "/files/:id/thumbnail", s.fileThumbnail, public, limits.Part, noBody},
		{get, "/files/:id/thumbnail/:width", s.fileThumbnail, public, limits.Part, noBody},
		{get, "/files/:id/:name", s.fileDownload, public, limits.Download, noBody},
		{get, contentPath + ":id/:name", s.contentShow, signed, limits.Download, noBody},

		{get, "/settings/profile", s.settingsProfile, signedIn, limits.Page, noBody},
		{post, "/settings/profile", s.settingsProfileSend, signedIn, limits.Change, smallBody},
		{post, "/settings/avatar", s.avatarSend, signedIn, limits.Upload, fileBody},
		{post, "/settings/avatar/delete", s.avatarDelete, signedIn, limits.Delete, smallBody},
		{get, "/settings/security", s.settingsSecurity, signedIn, limits.Page, noBody},
		{post, "/settings/security", s.settingsSecuritySend, signedIn, limits.Change, smallBody},
		{get, "/settings/sessions", s.settingsSessions, signedIn, limits.Page, noBody},
		{post, "/settings/sessions/end", s.sessionEnd, signedIn, limits.Page, smallBody},
		{get, "/settings/usage", s.settingsUsage, signedIn, limits.Page, noBody},
		{get, "/settings/tokens", s.settingsTokens, signedIn, limits.Page, noBody},
		{post, "/settings/tokens", s.tokenCreate, confirmed, limits.Change, smallBody},
		{post, "/settings/tokens/:id/delete", s.tokenDelete, signedIn, limits.Delete, smallBody},
	}
	return slices.Concat(site, s.accountRoutes(), s.mailRoutes(), s.invitationRoutes(), s.factorRoutes(), s.oidcRoutes(), s.passkeyRoutes(), s.leavingRoutes(), s.moderationRoutes(), s.adminContentRoutes(), s.adminOverviewRoutes(), s.adminCertificateRoutes(), s.adminBrowserReportRoutes(), s.adminUserRoutes(), s.adminRoutes(), s.adminJobRoutes(), s.adminSettingRoutes(), s.apiRoutes())
}

// accountRoutes are the ways in and out.
func (s *Server) accountRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/register", s.registerForm, public, limits.Page, noBody},
		{post, "/register", s.registerSend, public, limits.Register, smallBody},
		{get, "/login", s.loginForm, public, limits.Page, noBody},
		{post, "/login", s.loginSend, public, limits.Login, smallBody},
		// Leaving costs what a page does: nobody is held for writing much.
		{post, "/logout", s.logout, public, limits.Page, smallBody},
		{get, "/confirm", s.confirmForm, signedIn, limits.Page, noBody},
		{post, "/confirm", s.confirmSend, signedIn, limits.Login, smallBody},
		{get, "/setup/:secret", s.setupForm, public, limits.Setup, noBody},
		{post, "/setup/:secret", s.setupSend, public, limits.Setup, smallBody},

		{get, "/reset/:secret", s.resetForm, public, limits.Reset, noBody},
		{post, "/reset/:secret", s.resetSend, public, limits.Reset, smallBody},
	}
}

// register adds r, with its guards, to e. What may be read may be asked for by
// HEAD too.
func (s *Server) register(e *echo.Echo, r route) {
	guards := []echo.MiddlewareFunc{wellFormed, s.deadlines(r.body), capped(r.body), identified(s.identifies(r.access)), s.limited(r.act), s.entitled(r.access)}
	if r.body == fileBody {
		guards = append(guards, s.atOnce(limits.UploadsAtOnce), s.paidUpload, s.endedWithRight)
	}
	if r.act == limits.Download || r.act == limits.Zip {
		guards = append(guards, s.atOnce(limits.DownloadsAtOnce))
	}
	if r.access.pages() {
		guards = append(guards, fewFields, s.proven(r.body))
	}
	// A probe may know no more of us than our address; what is signed is on
	// one host alone.
	if r.access != machines && r.access != probes && r.access != signed {
		guards = append([]echo.MiddlewareFunc{s.knownHost}, guards...)
	}
	guards = append([]echo.MiddlewareFunc{s.separated(r.access)}, guards...)
	e.Add(r.method, r.path, r.handler, guards...)
	if r.method == http.MethodGet {
		e.Add(http.MethodHead, r.path, r.handler, guards...)
	}
}
