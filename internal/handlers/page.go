package handlers

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// notices are the sentences that a page may greet with. An address names one;
// what it says is ours alone.
var notices = map[string]string{
	"saved":    "Changes saved.",
	"retry":    "Retrying within seconds.",
	"posted":   "Published. Copy the link to share it.",
	"restored": "Post restored.",
	"deleted":  "Deleted.",
	"post":     "Post deleted. You can restore it within 7 days.",
	"comment":  "Comment deleted.",
	"file":     "File deleted.",
	"uploaded": "Upload complete.",
	"profile":  "Profile saved.",
	"avatar":   "Profile image saved.",
	"noavatar": "Profile image removed.",
	"token":    "Token deleted. It no longer works.",
	"nokey":    "Passkey deleted. You can no longer sign in with it.",
	"rule":     "Rule saved.",
	"norule":   "Rule deleted.",
	"revoked":  "Invitation revoked. Its link no longer works.",
	"ended":    "Signed out.",
	"password": "Password changed. You are signed out everywhere else.",
	"linked":   "Linked. You can now sign in with this provider.",
	"unlinked": "Unlinked. You can no longer sign in with this provider, and you are signed out everywhere else.",
	"passkey":  "Passkey added. You are signed out everywhere else.",
	"forgot":   "If this account exists and has a verified email, we've sent a reset link to it.",
	"sent":     "We've sent you an email with a link.",
	"verified": "Email verified.",
	"reset":    "Password changed. Sign in with your new password.",
	"factor":   "Authenticator app removed. You are signed out everywhere else.",
	"leaving":  "Your account is closed and scheduled for deletion. Until then you can sign in and keep it.",
	"kept":     "Your account is restored. Welcome back!",
	"reported": "Report sent. A moderator will look at it.",
	"decided":  "Decision saved. The reporters have been notified.",
	"opened":   "Access granted. The owner has been notified.",
	"welcome":  "Welcome! Your account is ready.",
}

// page returns what every page shows, for the visitor who asks.
func (s *Server) page(c echo.Context, title string) page {
	p := page{
		Title: title, User: visitor(c), Path: c.Request().URL.Path,
		Notice: notices[c.QueryParam("notice")], Signup: s.Accounts.MayRegister() == nil,
	}
	if p.User.SignedIn() {
		p.Token = s.formToken(c)
		p.SignIn = s.hasSignIn(c)
	}
	return p
}

// guestPage is page for a page on which guests have a form.
func (s *Server) guestPage(c echo.Context, title string) page {
	p := s.page(c, title)
	p.Token = s.formToken(c)
	return p
}

// show renders the page called name with the given status. A form that comes
// back may hold what was never text; the page is.
func (s *Server) show(c echo.Context, status int, name string, data any) error {
	return s.Pages.With(name, data, func(html []byte) error {
		if !utf8.Valid(html) {
			html = bytes.ToValidUTF8(html, []byte("\uFFFD"))
		}
		return sendHTML(c, status, html)
	})
}

func sendHTML(c echo.Context, status int, html []byte) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(html)))
	return c.HTMLBlob(status, html)
}

// showForm renders a form that was just sent with what is wrong with it: err
// must hold problems, or is returned for showProblem.
func (s *Server) showForm(err error, render func(status int, problems Problems) error) error {
	found := problem.All(err)
	if len(found) == 0 {
		return err
	}
	switch status := statuses[found[0].Kind]; status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return render(status, found)
	}
	return err
}

// before reads the place in a list that an address names in the given field.
func cursorParam(c echo.Context, field string) (models.Cursor, error) {
	cursor, err := models.ParseCursor(c.QueryParam(field))
	return cursor, problem.At(field, err)
}

// staticFiles serves the built assets. Their names hold a hash of what is in
// them, so a browser may keep them for ever.
func staticFiles() (echo.HandlerFunc, error) {
	assets, err := web.Static()
	if err != nil {
		return nil, fmt.Errorf("finding the assets: %w", err)
	}
	server := http.StripPrefix(web.StaticPrefix, http.FileServerFS(assets))
	return func(c echo.Context) error {
		name := strings.TrimPrefix(c.Request().URL.Path, web.StaticPrefix)
		info, err := fs.Stat(assets, name)
		if err != nil || info.IsDir() || strings.HasPrefix(name, ".") {
			return problem.New(problem.NotFound, "Page not found.")
		}
		c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		server.ServeHTTP(c.Response(), c.Request())
		return nil
	}, nil
}
