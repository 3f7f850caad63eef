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
	"example.org/cloakroom/web"
)

// machines serves programs: health checks, crawlers, and browsers that report policy
// violations.
type machines struct {
	*gate.Gate
	Ready          func(context.Context) error // returns an error if the site cannot serve
	Certificates   *certificates.Service       // nil: a proxy handles TLS
	BrowserReports *browserreports.Service
}

// readyTimeout is how long the readiness check can take.
const readyTimeout = 3 * time.Second

// alive handles GET /livez. It answers while the process runs.
func (m *machines) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready handles GET /readyz. It answers 503 if the site cannot serve, and logs why. It
// also shows the state of the certificates, which is public, but a node without a
// valid one is still ready: the certificate authority must reach it to issue the next.
func (m *machines) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
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

// robots handles GET /robots.txt. It keeps search engines away from files, settings,
// search and the API.
func (m *machines) robots(c echo.Context) error {
	if m.OnContentHost(c) {
		return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
	}
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /files/\nDisallow: /settings/\nDisallow: /search\nDisallow: /api/\n")
}

// favicon handles GET /favicon.ico, which browsers request when they show a file, and programs
// that know the name of the site alone: pages link to their own icon. A file has no origin in
// its sandbox, so without "cross-origin" the browser would log an error.
func (m *machines) favicon(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=86400")
	return c.Blob(http.StatusOK, "image/png", web.Favicon)
}

// browserReportsReceive handles POST /reports. All browsers share one more limit.
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

// securityLifetime is how long security.txt is valid. RFC 9116, 2.5.5, recommends less
// than a year.
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
