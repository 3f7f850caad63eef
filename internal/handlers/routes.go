package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// A route is an address of the site with its guards: there is no other way to
// register one, so none can be forgotten.
type route struct {
	method  string
	path    string
	handler echo.HandlerFunc
	access  access
	body    bodyCap
}

// access says who may come.
type access int

const (
	public   access = iota // everyone; a session is honoured
	signedIn               // users; guests are sent to the log-in page
	machines               // everyone, and nobody asks who: no session is looked up
	api                    // everyone; an API token is honoured, a session is not
	apiUser                // users, by API token
	signed                 // whoever has a signed link, on the host of the content alone
	probes                 // machines, by either host
)

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
		{get, "/livez", s.alive, probes, noBody},
		{get, "/readyz", s.ready, probes, noBody},
		{get, "/robots.txt", s.robots, probes, noBody},
		{get, "/.well-known/security.txt", s.securityText, machines, noBody},
		{post, reportsPath, s.reportsReceive, machines, smallBody},

		{get, "/", s.feed, public, noBody},
		{get, "/posts/:id", s.postShow, public, noBody},
		{get, "/tags/:tag", s.tagShow, public, noBody},
		{get, "/users/:username", s.userShow, public, noBody},
		{get, "/users/:username/avatar", s.userAvatar, public, noBody},
		{get, "/search", s.search, public, noBody},

		{get, "/register", s.registerForm, public, noBody},
		{post, "/register", s.registerSend, public, smallBody},
		{get, "/login", s.loginForm, public, noBody},
		{post, "/login", s.loginSend, public, smallBody},
		{post, "/logout", s.logout, public, smallBody},
		{get, "/setup/:secret", s.setupForm, public, noBody},
		{post, "/setup/:secret", s.setupSend, public, smallBody},

		{get, "/posts/new", s.postNew, signedIn, noBody},
		{post, "/posts", s.postCreate, signedIn, fileBody},
		{get, "/posts/deleted", s.postDeleted, signedIn, noBody},
		{get, "/posts/:id/edit", s.postEdit, signedIn, noBody},
		{post, "/posts/:id/edit", s.postUpdate, signedIn, fileBody},
		{post, "/posts/:id/delete", s.postDelete, signedIn, smallBody},
		{post, "/posts/:id/restore", s.postRestore, signedIn, smallBody},
		{post, "/posts/:id/comments", s.commentCreate, signedIn, smallBody},
		{post, "/comments/:id/delete", s.commentDelete, signedIn, smallBody},

		{get, "/files", s.fileList, signedIn, noBody},
		{post, "/files", s.fileCreate, signedIn, fileBody},
		{post, "/files/:id/delete", s.fileDelete, signedIn, smallBody},
		{get, "/files/:id/state", s.fileState, signedIn, noBody},
		{get, "/files/:id/original", s.fileOriginal, signedIn, noBody},
		{get, "/files/:id/thumbnail", s.fileThumbnail, public, noBody},
		{get, "/files/:id/thumbnail/:width", s.fileThumbnail, public, noBody},
		{get, "/files/:id/:name", s.fileDownload, public, noBody},
		{get, contentPath + ":id/:name", s.contentShow, signed, noBody},

		{get, "/settings/profile", s.settingsProfile, signedIn, noBody},
		{post, "/settings/profile", s.settingsProfileSend, signedIn, smallBody},
		{post, "/settings/avatar", s.avatarSend, signedIn, fileBody},
		{post, "/settings/avatar/delete", s.avatarDelete, signedIn, smallBody},
		{get, "/settings/security", s.settingsSecurity, signedIn, noBody},
		{post, "/settings/security", s.settingsSecuritySend, signedIn, smallBody},
		{get, "/settings/sessions", s.settingsSessions, signedIn, noBody},
		{post, "/settings/sessions/end", s.sessionEnd, signedIn, smallBody},
		{get, "/settings/tokens", s.settingsTokens, signedIn, noBody},
		{post, "/settings/tokens", s.tokenCreate, signedIn, smallBody},
		{post, "/settings/tokens/:id/delete", s.tokenDelete, signedIn, smallBody},
	}
	return append(site, s.apiRoutes()...)
}

// register adds r, with its guards, to e. What may be read may be asked for by
// HEAD too.
func (s *Server) register(e *echo.Echo, r route) {
	guards := []echo.MiddlewareFunc{wellFormed, s.deadlines(r.body), capped(r.body), s.admit(r.access)}
	if r.body == fileBody {
		guards = append(guards, s.fewUploads)
	}
	if r.access == public || r.access == signedIn {
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
