package panel

import (
	"context"
	"html/template"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

// reportPage is the page "admin_report". Its fields are decision, why and
// note.
type reportPage struct {
	page.Frame
	Report   moderation.Detail
	HTML     template.HTML // the current text, from package sanitize
	Address  string        // URL of the subject; empty: it is gone
	Who      models.Audience
	WhyNot   string // why fewer people can open it than the visibility suggests; may be empty
	Form     moderation.DecisionInput
	Problems page.Problems
}

// Mine reports whether the viewer has claimed the report.
func (p reportPage) Mine() bool {
	return p.Report.Claimed && p.Report.ClaimedBy == p.User.ID
}

// MayUndo reports whether the viewer can reverse the decision.
func (p reportPage) MayUndo() bool {
	return !p.Report.Open() && (p.User.IsAdmin() || p.Report.DecidedBy == p.User.ID)
}

// Own reports whether the report is about a moderator's own content, which
// another moderator must judge.
func (p reportPage) Own() bool { return p.Report.OwnerID == p.User.ID && !p.User.IsAdmin() }

// Decisions returns the decisions to choose from.
func (p reportPage) Decisions() []models.Decision {
	return models.DecisionsOn(p.Report.Subject().Kind)
}

// ReportShow handles GET /admin/reports/:id: a report and what it is about.
func (p *Panel) ReportShow(c echo.Context) error {
	return p.showReport(c, http.StatusOK, moderation.DecisionInput{}, nil)
}

func (p *Panel) showReport(c echo.Context, status int, form moderation.DecisionInput, problems page.Problems) error {
	d, err := p.Moderation.Detail(c.Request().Context(), models.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	data := reportPage{
		Frame: p.frame(c, "Report about a "+string(d.Subject().Kind)), Report: d, HTML: judgedWords(d.Now), Form: form, Problems: problems,
	}
	if !d.Gone() {
		data.Address = page.SubjectURL(d.Now)
		data.Who, data.WhyNot = d.Now.Audience()
	}
	return p.Show(c, status, "admin_report", data)
}

// judgedWords renders the text of a subject as its readers see it.
func judgedWords(v models.SubjectView) template.HTML {
	if v.Kind == models.SubjectComment {
		return sanitize.Comment(models.CommentBody(v.Words), models.Rendered{})
	}
	return sanitize.Post(models.Content(v.Words), models.Rendered{})
}

// refusedReport shows the report again with the problems in err and the verdict
// as entered.
func (p *Panel) refusedReport(c echo.Context, err error, v moderation.DecisionInput) error {
	if problem.KindOf(err) == problem.NotFound {
		return err
	}
	return p.ShowForm(err, func(status int, problems page.Problems) error {
		return p.showReport(c, status, v, problems)
	})
}

// actOnReport does one action, and shows the report again with its notice.
func (p *Panel) actOnReport(c echo.Context, do reportAction, notice string) error {
	id := models.ReportID(c.Param("id"))
	if err := do(c.Request().Context(), gate.Actor(c), id); err != nil {
		return p.refusedReport(c, err, moderation.DecisionInput{})
	}
	return p.Tell(c, reportsPath+"/"+url.PathEscape(string(id)), notice)
}

// ReportClaim handles POST /admin/reports/:id/claim: it assigns the report to
// the moderator.
func (p *Panel) ReportClaim(c echo.Context) error {
	return p.actOnReport(c, p.Moderation.Claim, "claimed")
}

// ReportRelease handles POST /admin/reports/:id/release: it gives up the claim.
func (p *Panel) ReportRelease(c echo.Context) error {
	return p.actOnReport(c, p.Moderation.Release, "released")
}

// ReportUndo handles POST /admin/reports/:id/undo: it reverses the decision.
func (p *Panel) ReportUndo(c echo.Context) error {
	return p.actOnReport(c, p.Moderation.Undo, "undone")
}

// DecisionFields are the fields of a decision that come back when the gate refuses the form.
var DecisionFields = []gate.SavedField{{Name: "decision"}, {Name: "why", Label: "Reason"}, {Name: "note", Label: "Note to the reporters"}}

// ReportDecide handles POST /admin/reports/:id/decide: it decides the report.
func (p *Panel) ReportDecide(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	v := moderation.DecisionInput{Decision: form.Get("decision"), Why: form.Get("why"), Note: form.Get("note")}
	if err := p.Moderation.Decide(c.Request().Context(), gate.Actor(c), models.ReportID(c.Param("id")), v); err != nil {
		return p.refusedReport(c, err, v)
	}
	return p.Tell(c, reportsPath, "decided")
}

// A reportAction does something to the report of an ID.
type reportAction func(ctx context.Context, by models.Actor, id models.ReportID) error
