package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// What users uploaded may be served from a host of its own, CONTENT_ORIGIN,
// where no cookie goes and no page of ours lives: should a browser take a file
// for a page after all, it is nobody's. The site checks who asks and sends them
// there with a signed link.

// checkContent refuses settings by which anybody could sign a link, or by which
// the content would be on the site's own host.
func (s *Server) checkContent() error {
	switch {
	case s.Settings.ContentOrigin == "":
		return nil
	case len(s.Settings.ContentKey) < minContentKey:
		return errors.New("a content origin needs a key of at least 32 characters")
	case hostOf(s.Settings.ContentOrigin) == hostOf(s.Settings.PublicURL):
		return errors.New("the content origin must be another host than the site")
	}
	return nil
}

// hostOf is the host name of an origin.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return hostname(host)
}

// onContentHost reports whether the request is to the host of the content.
func (s *Server) onContentHost(c echo.Context) bool {
	return s.Settings.ContentOrigin != "" && hostname(cameBy(c).host) == hostOf(s.Settings.ContentOrigin)
}

// separated keeps the routes of the two hosts apart: of one, nothing of the
// other is to be found.
func (s *Server) separated(who access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if who != probes && (who == signed) != s.onContentHost(c) {
				return errNothingHere()
			}
			return next(c)
		}
	}
}

// mediaFromContent lets the players of our pages play from the content's host.
func (s *Server) mediaFromContent(next echo.HandlerFunc) echo.HandlerFunc {
	if s.Settings.ContentOrigin == "" {
		return next
	}
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"),
			"media-src 'self'", "media-src 'self' "+s.Settings.ContentOrigin, 1))
		return next(c)
	}
}

// toContent gives the visitor what is opened, which they may have: from the
// content's host, if there is one. A page of another site that may use the API
// gets the bytes at once: its script reads them, and no browser shows them.
func (s *Server) toContent(c echo.Context, opened files.OpenFile, which variant, inline bool) error {
	link := contentLink{
		file: opened.File.ID, variant: which, inline: inline,
		viewer: visitor(c).ID, credential: credential(c),
	}
	if s.Settings.ContentOrigin == "" || sharedWith(c) {
		return s.sendFile(c, opened, link)
	}
	life := linkLife
	if inline && plays(opened.File.Kind) {
		life = playerLife
	}
	link.expires = s.Now().Add(life).Unix()
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusSeeOther, s.contentURL(link, opened.File.Name))
}

// plays reports whether our pages have a player for files of that kind.
func plays(kind models.FileKind) bool { return kind == models.KindAudio || kind == models.KindVideo }

const linkKey = "link" // where a request to the content's host keeps its contentLink

// identifyLink believes a link that we signed who its viewer is, as long as
// they are still in by what they had then: so they have the limits of their
// tier here too.
func (s *Server) identifyLink(c echo.Context) error {
	link, err := parseLink(s.Settings.ContentKey, s.Now(), models.FileID(c.Param("id")), c.Request().URL.RawQuery)
	if err != nil {
		return err
	}
	c.Set(linkKey, link)
	if link.credential == "" {
		return nil // a guest
	}
	user, err := s.Accounts.StillIn(c.Request().Context(), link.viewer, link.credential)
	if err == nil {
		c.Set(userKey, user)
	}
	return err
}

// contentShow handles GET /content/:id/:name on the content's host. The link
// says who may have what; that they still may is asked anew with each request.
func (s *Server) contentShow(c echo.Context) error {
	ctx := c.Request().Context()
	link, _ := c.Get(linkKey).(contentLink) // which identifyLink has seen
	open := s.Files.Open
	if link.variant == originalBytes {
		open = s.Files.OpenOriginal
	}
	opened, err := open(ctx, models.User{ID: link.viewer}, link.file)
	if err != nil {
		return err
	}
	defer opened.Blob.Close()
	link.inline = link.inline && filetypes.Inline(opened.MediaType, opened.File.Kind)
	if link.inline && plays(opened.File.Kind) { // our pages embed nothing else from here
		c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return s.sendFile(c, opened, link)
}

// stillMay checks that a viewer may still have what a link gave them: what they
// came in by has not ended, and the file is there, and theirs to see.
func (s *Server) stillMay(ctx context.Context, l contentLink) error {
	if l.credential != "" {
		if _, err := s.Accounts.StillIn(ctx, l.viewer, l.credential); err != nil {
			return err
		}
	}
	who := models.User{ID: l.viewer}
	if l.variant != originalBytes {
		_, err := s.Files.Find(ctx, who, l.file)
		return err
	}
	mine, err := s.Files.Mine(ctx, who, []models.FileID{l.file})
	if err == nil && (len(mine) == 0 || mine[0].HiddenAt != nil) { // gone, or in quarantine
		err = problem.New(problem.NotFound, "There is no such file.")
	}
	return err
}
