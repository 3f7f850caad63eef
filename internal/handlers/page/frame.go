package page

import (
	"bytes"
	"log/slog"
	"strconv"
	"unicode/utf8"

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
	Card   Preview // what other sites show of a link to the page
	Index  bool    // search engines can list the page
	Token  string  // the form token; empty on a page for guests without forms

	// HasIdentities reports whether the settings have the page of identities. The frame
	// asks only where it shows their navigation; nil: they do not.
	HasIdentities func() bool
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
	return p
}

// Frame returns the frame of a page for the visitor. Search engines do not list it.
func (re *Renderer) Frame(c echo.Context, title string) Frame {
	p := Frame{
		Title: title, User: gate.Visitor(c), Path: c.Request().URL.Path,
		Notice: re.told(c), Signup: re.Accounts.MayRegister() == nil, Site: re.About(),
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

// Show sends the page called name with the given status. Typed values can be invalid
// UTF-8, so it replaces invalid bytes.
func (re *Renderer) Show(c echo.Context, status int, name string, data any) error {
	return re.Pages.With(name, data, func(html []byte) error {
		if !utf8.Valid(html) {
			html = bytes.ToValidUTF8(html, []byte("\uFFFD"))
		}
		return SendHTML(c, status, html)
	})
}

// SendHTML sends a rendered page.
func SendHTML(c echo.Context, status int, html []byte) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(html)))
	return c.HTMLBlob(status, html)
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
