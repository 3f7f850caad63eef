package panel

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/certificates"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/problem"
)

// A certificateRow describes a certificate in words.
type certificateRow struct {
	certificates.State
	Says     string
	Needy    bool // needs attention
	DaysLeft int
	MayRetry bool
}

// certificatesPage is the page "admin_certificates".
type certificatesPage struct {
	page.Frame
	Here         bool // this server handles TLS
	Certificates []certificateRow
}

const certificatesPath = "/admin/certificates"

// CertificateList handles GET /admin/certificates: the state of each
// certificate.
func (p *Panel) CertificateList(c echo.Context) error {
	data := certificatesPage{Frame: p.frame(c, "Certificates"), Here: p.Certificates != nil}
	if data.Here {
		states, err := p.Certificates.States(c.Request().Context())
		if err != nil {
			return err
		}
		data.Certificates = certificateRows(states, p.Now())
	}
	return p.Show(c, http.StatusOK, "admin_certificates", data)
}

// certificateRows describes certificates in words.
func certificateRows(states []certificates.State, now time.Time) (rows []certificateRow) {
	for _, state := range states {
		level := state.Level(now)
		rows = append(rows, certificateRow{
			State: state, Says: levelWords(level), Needy: certificates.NeedsAttention(level),
			DaysLeft: state.DaysLeft(now), MayRetry: state.MayRetry(now),
		})
	}
	return rows
}

// levelWords names the state of a certificate.
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

// worstCertificate names the state of the worst certificate. It is empty if a
// proxy handles TLS.
func (p *Panel) worstCertificate() string {
	if p.Certificates == nil {
		return ""
	}
	return levelWords(certificates.Worst(p.Certificates.CachedStates(), p.Now()))
}

// CertificateRetry handles POST /admin/certificates/retry: it asks for a
// certificate again.
func (p *Panel) CertificateRetry(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if p.Certificates == nil {
		return problem.New(problem.NotFound, "Certificate not found.")
	}
	if err := p.Certificates.Retry(c.Request().Context(), gate.Actor(c), form.Get("name")); err != nil {
		return err
	}
	return p.Tell(c, certificatesPath, "retry")
}
