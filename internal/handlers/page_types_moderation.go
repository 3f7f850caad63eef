package handlers

import (
	"html/template"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
)

// reportFields is what somebody typed about what is wrong.
type reportFields struct{ Reason, Words string }

// reportFormPage is the page "report_form". Its fields are reason and words.
type reportFormPage struct {
	page
	Seen     models.SubjectView
	Back     string // where it is seen
	Form     reportFields
	Problems Problems
}

// Reasons is what can be chosen.
func (p reportFormPage) Reasons() []models.ReportReason { return models.ReportReasons() }

// settingsReportsPage is the page "settings_reports". It has no form.
type settingsReportsPage struct {
	page
	Reports []models.SentReport
	Older   string // address of the next stretch of the list; empty: its end
}

// settingsNoticesPage is the page "settings_notices". Its form has no fields.
type settingsNoticesPage struct {
	page
	Notices []models.Notification
	Older   string // address of the next stretch of the list; empty: its end
}

// adminReportsPage is the page "admin_reports". It has no form.
type adminReportsPage struct {
	page
	Decided bool // those that were decided are listed, else those that wait
	Reports []models.ReportView
	More    string // address of the next stretch of the list; empty: its end
}

// adminReportPage is the page "admin_report". Its fields are decision, why and
// note.
type adminReportPage struct {
	page
	Report   moderation.Detail
	HTML     template.HTML // the words as they are today, from package sanitize
	Address  string        // where it is seen; empty: it is gone
	Who      models.Audience
	WhyNot   string // who may open it not more; may be empty
	Form     moderation.Verdict
	Problems Problems
}

// Mine reports whether the viewer has claimed the report.
func (p adminReportPage) Mine() bool {
	return p.Report.Claimed && p.Report.ClaimedBy == p.User.ID
}

// MayUndo reports whether the decision is one that the viewer may take back.
func (p adminReportPage) MayUndo() bool {
	return !p.Report.Open() && (p.User.IsAdmin() || p.Report.DecidedBy == p.User.ID)
}

// Own reports whether it is about the viewer, who then may not judge it.
func (p adminReportPage) Own() bool { return p.Report.OwnerID == p.User.ID && !p.User.IsAdmin() }

// Decisions is what can be chosen.
func (p adminReportPage) Decisions() []models.Decision {
	return models.DecisionsOn(p.Report.Subject().Kind)
}
