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
	"saved":    "Saved.",
	"retry":    "It is tried again within seconds.",
	"posted":   "Your post is out.",
	"restored": "The post is back.",
	"deleted":  "Deleted.",
	"ended":    "Logged out there.",
	"password": "Your password was changed, and every other browser was logged out.",
	"linked":   "Linked. That log-in opens your account from now on.",
	"unlinked": "That log-in opens your account no more, and every other browser was logged out.",
	"passkey":  "Your new passkey works, and every other browser was logged out.",
	"forgot":   "If there is such an account, and its address was proved, a mail with a link is on its way.",
	"sent":     "A mail with a link is on its way.",
	"verified": "Thank you: that address is yours.",
	"reset":    "Your password is set. Log in with it.",
	"factor":   "Your second factor is gone, and every other browser was logged out.",
	"leaving":  "Your account is closed, and will be deleted. Until then you can log in and keep it.",
	"kept":     "Good to have you back. Everything is as it was.",
	"reported": "Thank you. Somebody will look at it.",
	"decided":  "Decided. Those who reported it are told.",
	"opened":   "You may see it now. Its owner was told.",
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
			return problem.New(problem.NotFound, "There is nothing at this address.")
		}
		c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		server.ServeHTTP(c.Response(), c.Request())
		return nil
	}, nil
}
