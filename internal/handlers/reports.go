package handlers

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// BrowserReportsPath is where browsers report violations of our policies.
const BrowserReportsPath = "/reports"

// browserReportsReceive handles POST /reports.
func (s *Server) browserReportsReceive(c echo.Context) error {
	mediaType, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil {
		mediaType = ""
	}
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return fmt.Errorf("reading the reports: %w", err)
	}
	decision, err := s.Limits.Take(c.Request().Context(), limits.BrowserAll, limits.Caller{})
	if err != nil {
		return err
	}
	if decision.Refused {
		return decision.Problem()
	}
	if err := s.Reports.Receive(c.Request().Context(), mediaType, raw); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// securityLifetime is how long what security.txt says may be relied on; RFC
// 9116, 2.5.5 wants less than a year.
const securityLifetime = 180 * 24 * time.Hour

// securityText handles GET /.well-known/security.txt (RFC 9116).
func (s *Server) securityText(c echo.Context) error {
	if len(s.Settings.SecurityContacts) == 0 {
		return problem.New(problem.NotFound, "This site has not published a security contact.")
	}
	var text strings.Builder
	for _, contact := range s.Settings.SecurityContacts {
		fmt.Fprintf(&text, "Contact: %s\n", contact)
	}
	expires := s.Now().UTC().Add(securityLifetime).Truncate(24 * time.Hour)
	fmt.Fprintf(&text, "Expires: %s\nCanonical: %s/.well-known/security.txt\n", expires.Format(time.RFC3339), s.Settings.PublicURL)
	return c.String(http.StatusOK, text.String())
}
