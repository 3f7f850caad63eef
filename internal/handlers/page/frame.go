package page

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// A Frame is what every page shows around its content. Page types embed it.
type Frame struct {
	Title  string      // of the window, and on most pages of the heading
	User   models.User // the viewer; the zero User is a guest
	Path   string      // of the request, for the navigation
	Query  string      // in the search box
	Notice string      // what the visitor has just done; can be empty
	Signup bool        // guests can register
	Site   SiteInfo
	Theme  Theme
	Posted bool    // the answer to a form: its address may not be opened by itself
	Card   Preview // what other sites show of a link to the page
	Index  bool    // search engines can list the page
	Token  string  // the form token; empty on a page for guests without forms

	OpenReports int64 // in the navigation of the panel

	// HasIdentities reports whether the settings have the page of identities. The frame
	// asks only where it shows their navigation; nil: they do not.
	HasIdentities func() bool
}

// Key returns a comparable value that is equal for frames that look the same on pages without
// the navigation of the settings, or false for a frame that is shown once, with a notice.
func (p Frame) Key() (key any, ok bool) {
	u := p.User
	u.SuspendedAt, u.EmailVerifiedAt, u.DeletionAt, u.UnlinkedAt, u.Quota = nil, nil, nil, nil, nil
	return frameKey{
		title: p.Title, path: p.Path, query: p.Query, token: p.Token, signup: p.Signup, index: p.Index, site: p.Site, card: p.Card, user: u,
		theme: p.Theme, posted: p.Posted, reports: p.OpenReports,
		suspended: p.User.SuspendedAt != nil, verified: p.User.EmailVerifiedAt != nil, leaving: p.User.DeletionAt != nil,
	}, p.Notice == ""
}

type frameKey struct {
	title, path, query, token    string
	signup, index                bool
	site                         SiteInfo
	theme                        Theme
	posted                       bool
	reports                      int64
	card                         Preview
	user                         models.User // without what is a pointer
	suspended, verified, leaving bool
}

// At returns the value of aria-current for a link of a navigation to one of these paths:
// "page" on its page, "true" on a page below it, and "" elsewhere.
func (p Frame) At(paths ...string) string {
	for _, path := range paths {
		if p.Path == path {
			return "page"
		}
		if strings.HasPrefix(p.Path, path+"/") {
			return "true"
		}
	}
	return ""
}

// SignIn reports whether the navigation of the settings has the page of identities.
func (p Frame) SignIn() bool { return p.HasIdentities != nil && p.HasIdentities() }

// noIndex is the header that keeps a page out of search engines.
const noIndex = "X-Robots-Tag"

// PublicFrame returns the frame of a page that search engines can list.
func (re *Renderer) PublicFrame(c echo.Context, title string) Frame {
	p := re.Frame(c, title)
	p.Index = true
	c.Response().Header().Del(noIndex)
	gate.ListPage(c)
	return p
}

// Frame returns the frame of a page for the visitor. Search engines do not list it.
func (re *Renderer) Frame(c echo.Context, title string) Frame {
	p := Frame{
		Title: title, User: gate.Visitor(c), Path: c.Request().URL.Path,
		Notice: re.told(c), Signup: re.Accounts.MayRegister() == nil, Site: re.About(), Theme: re.theme(c),
		Posted: c.Request().Method == http.MethodPost,
	}
	c.Response().Header().Set(noIndex, "noindex")
	if p.User.SignedIn() {
		p.Token = re.FormToken(c)
		p.HasIdentities = func() bool { return re.hasIdentities(c) }
	}
	return p
}

// GuestFrame returns the frame of a page that has a form for guests.
func (re *Renderer) GuestFrame(c echo.Context, title string) Frame {
	p := re.Frame(c, title)
	p.Token = re.FormToken(c)
	return p
}

// hasIdentities reports whether the visitor can sign in with a provider, or could
// before the provider was turned off. If the query fails, it logs why and returns
// false, so that the rest of the page is shown.
func (re *Renderer) hasIdentities(c echo.Context) bool {
	if re.OIDC.On() {
		return true
	}
	identities, err := re.Accounts.Identities(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		re.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "identities", slog.Any("err", err))
	}
	return len(identities) > 0
}
