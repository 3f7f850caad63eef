package handlers

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/browserreports"
	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// machines answers programs that look at the site: health checks, crawlers, and
// browsers that report violations of our policies.
type machines struct {
	*gate.Gate
	Ready          func(context.Context) error // reports why the site cannot serve, if it cannot
	Certificates   *certificates.Service       // nil: a proxy handles TLS
	BrowserReports *browserreports.Service
}

// readyWithin is how long the parts of the site have to say they are there.
const readyWithin = 3 * time.Second

// alive handles GET /livez: the process answers.
func (m *machines) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready handles GET /readyz: the process can serve. Why it cannot is for the
// log, not for whoever asks. It tells how the certificates are, which everybody
// can see, and is ready all the same: were a node without one taken out, no
// certificate authority could reach it any more to give it the next.
func (m *machines) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyWithin)
	defer cancel()
	if err := m.Ready(ctx); err != nil {
		m.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("err", err))
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	answer := "ok\n"
	if m.Certificates != nil {
		answer += "certificates: " + string(certificates.Worst(m.Certificates.CachedStates(), m.Now())) + "\n"
	}
	return c.String(http.StatusOK, answer)
}

// robots handles GET /robots.txt: files and links are not for search engines.
func (m *machines) robots(c echo.Context) error {
	if m.OnContentHost(c) {
		return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
	}
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /files/\nDisallow: /settings/\nDisallow: /search\nDisallow: /api/\n")
}

// favicon handles GET /favicon.ico, which a browser asks for beside a file that
// it shows by itself: our pages name theirs. There is none, and that is for
// everyone: a file is shown as of no origin at all, so what is not for other
// origins is refused to it, with an error on the console.
func (m *machines) favicon(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=86400")
	return c.NoContent(http.StatusNoContent)
}

// browserReportsReceive handles POST /reports.
func (m *machines) browserReportsReceive(c echo.Context) error {
	mediaType, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil {
		mediaType = ""
	}
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("reading the reports: %w", err)
	}
	decision, err := m.Limits.Take(c.Request().Context(), limits.BrowserAll, limits.Caller{})
	if err != nil {
		return err
	}
	if decision.Refused {
		return decision.Problem()
	}
	if err := m.BrowserReports.Receive(c.Request().Context(), mediaType, raw); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// securityLifetime is how long what security.txt says may be relied on; RFC
// 9116, 2.5.5 wants less than a year.
const securityLifetime = 180 * 24 * time.Hour

// securityText handles GET /.well-known/security.txt (RFC 9116).
func (m *machines) securityText(c echo.Context) error {
	if len(m.Options.SecurityContacts) == 0 {
		return problem.New(problem.NotFound, "This site has not published a security contact.")
	}
	var text strings.Builder
	for _, contact := range m.Options.SecurityContacts {
		fmt.Fprintf(&text, "Contact: %s\n", contact)
	}
	expires := m.Now().UTC().Add(securityLifetime).Truncate(24 * time.Hour)
	fmt.Fprintf(&text, "Expires: %s\nCanonical: %s/.well-known/security.txt\n", expires.Format(time.RFC3339), m.Options.PublicURL)
	return c.String(http.StatusOK, text.String())
}
