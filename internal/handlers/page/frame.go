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
	Token  string      // the form token; empty on a page for guests without forms

	// HasIdentities reports whether the settings have the page of identities. The frame
	// asks only where it shows their navigation; nil: they do not.
	HasIdentities func() bool
}

// SignIn reports whether the navigation of the settings has the page of identities.
func (p Frame) SignIn() bool { return p.HasIdentities != nil && p.HasIdentities() }

// notices are the sentences that a page can show after an action. The query of a URL
// names one, so that a link cannot make the site show other text.
var notices = map[string]string{ //nolint:gosec // sentences, not secrets
	"saved":     "Changes saved.",
	"retry":     "Retrying within seconds.",
	"posted":    "Published. Copy the link to share it.",
	"restored":  "Post restored.",
	"deleted":   "Deleted.",
	"post":      "Post deleted. You can restore it within 7 days.",
	"comment":   "Comment deleted.",
	"file":      "File deleted.",
	"uploaded":  "Upload complete.",
	"profile":   "Profile saved.",
	"avatar":    "Profile image saved.",
	"noavatar":  "Profile image removed.",
	"token":     "Token deleted. It no longer works.",
	"nokey":     "Passkey deleted. You can no longer sign in with it.",
	"rule":      "Rule saved.",
	"norule":    "Rule deleted.",
	"revoked":   "Invitation revoked. Its link no longer works.",
	"ended":     "Signed out.",
	"password":  "Password changed. You are signed out everywhere else.",
	"linked":    "Linked. You can now sign in with this provider.",
	"unlinked":  "Unlinked. You can no longer sign in with this provider, and you are signed out everywhere else.",
	"passkey":   "Passkey added. You are signed out everywhere else.",
	"forgot":    "If this account exists and has a verified email, we've sent a reset link to it.",
	"sent":      "We've sent you an email with a link.",
	"verified":  "Email verified.",
	"reset":     "Password changed. Sign in with your new password.",
	"factor":    "Authenticator app removed. You are signed out everywhere else.",
	"leaving":   "Your account is closed and scheduled for deletion. Until then you can sign in and keep it.",
	"kept":      "Your account is restored. Welcome back!",
	"reported":  "Report sent. A moderator will look at it.",
	"decided":   "Decision saved. The reporters have been notified.",
	"opened":    "Access granted. The owner has been notified.",
	"claimed":   "Report claimed.",
	"released":  "Report released.",
	"undone":    "Decision undone.",
	"hidden":    "Hidden. The owner has been notified.",
	"removed":   "Removed. The owner has been notified.",
	"shown":     "Restored. The owner has been notified.",
	"retried":   "The job will run in a moment.",
	"cancelled": "Job cancelled.",
	"welcome":   "Welcome! Your account is ready.",
}

// Frame returns the frame of a page for the visitor.
func (re *Renderer) Frame(c echo.Context, title string) Frame {
	p := Frame{
		Title: title, User: gate.Visitor(c), Path: c.Request().URL.Path,
		Notice: notices[c.QueryParam("notice")], Signup: re.Accounts.MayRegister() == nil,
	}
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
