package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// reportFields are what the visitor entered about a problem.
type reportFields struct{ Reason, Words string }

// reportFormPage is the page "report_form". Its fields are reason and words.
type reportFormPage struct {
	page.Frame
	Seen     models.SubjectView
	Back     string // URL of the subject
	Form     reportFields
	Problems page.Problems
}

// Reasons returns the reasons to choose from.
func (p reportFormPage) Reasons() []models.ReportReason { return models.ReportReasons() }

// ReportForm handles GET /report/:kind/:id: the form to report content.
func (s *Site) ReportForm(c echo.Context) error {
	return s.showReport(c, http.StatusOK, reportFields{}, nil)
}

func (s *Site) showReport(c echo.Context, status int, form reportFields, problems page.Problems) error {
	what, err := gate.SubjectParam(c)
	if err != nil {
		return err
	}
	seen, err := s.Moderation.Reportable(c.Request().Context(), gate.Visitor(c), what)
	if err != nil {
		return err
	}
	return s.Show(c, status, "report_form", reportFormPage{
		Frame: s.GuestFrame(c, "Report this "+string(what.Kind)), Seen: seen, Back: page.SubjectURL(seen), Form: form, Problems: problems,
	})
}

// ReportFields are the fields of a report that come back when the gate refuses the form.
var ReportFields = []gate.SavedField{{Name: "reason"}, {Name: "words", Label: "Details"}}

// ReportSend handles POST /report/:kind/:id: it files a report.
func (s *Site) ReportSend(c echo.Context) error {
	what, err := gate.SubjectParam(c)
	if err != nil {
		return err
	}
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, fields := c.Request().Context(), reportFields{Reason: form.Get("reason"), Words: form.Get("words")}
	if err := s.Moderation.Report(ctx, gate.Visitor(c), what, fields.Reason, fields.Words); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showReport(c, status, fields, problems)
		})
	}
	seen, err := s.Moderation.Reportable(ctx, gate.Visitor(c), what)
	if err != nil {
		return err
	}
	return s.Tell(c, page.SubjectURL(seen), "reported")
}
