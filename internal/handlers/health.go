package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/certificates"
)

// readyWithin is how long the parts of the site have to say they are there.
const readyWithin = 3 * time.Second

// alive handles GET /livez: the process answers.
func (s *Server) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready handles GET /readyz: the process can serve. Why it cannot is for the
// log, not for whoever asks. It tells how the certificates are, which everybody
// can see, and is ready all the same: were a node without one taken out, no
// certificate authority could reach it any more to give it the next.
func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyWithin)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("err", err))
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	answer := "ok\n"
	if s.Certificates != nil {
		answer += "certificates: " + string(certificates.Worst(s.Certificates.Known(), s.Now())) + "\n"
	}
	return c.String(http.StatusOK, answer)
}

// robots handles GET /robots.txt: files and links are not for search engines.
func (s *Server) robots(c echo.Context) error {
	if s.onContentHost(c) {
		return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
	}
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /files/\nDisallow: /settings/\nDisallow: /search\nDisallow: /api/\n")
}

// favicon handles GET /favicon.ico, which a browser asks for beside a file that
// it shows by itself: our pages name theirs. There is none, and that is for
// everyone: a file is shown as of no origin at all, so what is not for other
// origins is refused to it, with an error on the console.
func (s *Server) favicon(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=86400")
	return c.NoContent(http.StatusNoContent)
}
