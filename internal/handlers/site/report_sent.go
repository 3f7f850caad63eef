package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// settingsReportsPage is the page "settings_reports". It has no form.
type settingsReportsPage struct {
	page.Frame
	Reports []models.SentReport
	Older   string // URL of the next page of the list; empty: none
}

const sentReportsPath = "/settings/reports"

// SentReportList handles GET /settings/reports: the reports that the user sent,
// newest first.
func (s *Site) SentReportList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	sent, err := s.Moderation.SentReports(c.Request().Context(), gate.Visitor(c), before)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "settings_reports", settingsReportsPage{
		Frame: s.Frame(c, "Your reports"), Reports: sent.Items, Older: page.NextURL(sentReportsPath, "before", sent.Next),
	})
}
