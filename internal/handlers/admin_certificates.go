package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/problem"
)

const adminCertificatesPath = "/admin/certificates"

// adminCertificates handles GET /admin/certificates.
func (s *Server) adminCertificates(c echo.Context) error {
	data := adminCertificatesPage{page: s.page(c, "Certificates"), Here: s.Certificates != nil}
	if data.Here {
		states, err := s.Certificates.States(c.Request().Context())
		if err != nil {
			return err
		}
		data.Certificates = certificateRows(states, s.Now())
	}
	return s.show(c, http.StatusOK, "admin_certificates", data)
}

// certificateRows is how certificates are, in words.
func certificateRows(states []certificates.State, now time.Time) (rows []certificateRow) {
	for _, state := range states {
		level := state.Level(now)
		rows = append(rows, certificateRow{
			State: state, Says: levelWords(level), Needy: certificates.Needy(level), DaysLeft: state.DaysLeft(now), MayRetry: state.MayRetry(now),
		})
	}
	return rows
}

// levelWords says how a certificate is.
func levelWords(level certificates.Level) string {
	switch level {
	case certificates.LevelOK:
		return "good"
	case certificates.LevelExpiring:
		return "expires soon"
	case certificates.LevelFailing:
		return "about to expire"
	case certificates.LevelBroken:
		return "not trusted"
	case certificates.LevelMissing:
		return "missing"
	}
	return string(level)
}

// worstCertificate says how the worst certificate is; empty: another speaks TLS.
func (s *Server) worstCertificate() string {
	if s.Certificates == nil {
		return ""
	}
	return levelWords(certificates.Worst(s.Certificates.Known(), s.Now()))
}

// adminCertificateRetry handles POST /admin/certificates/retry.
func (s *Server) adminCertificateRetry(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if s.Certificates == nil {
		return problem.New(problem.NotFound, "Certificate not found.")
	}
	if err := s.Certificates.TryAgain(c.Request().Context(), actor(c), form.Get("name")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, adminCertificatesPath+"?notice=retry")
}
