package handlers

import (
	"context"
	"html/template"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/sanitize"
)

const adminReportsPath = "/admin/reports"

// adminReports handles GET /admin/reports: what waits, or what was decided.
func (s *Server) adminReports(c echo.Context) error {
	data := adminReportsPage{page: s.page(c, "Reports"), Decided: c.QueryParam("state") == "decided"}
	place, err := cursorParam(c, "from")
	if err != nil {
		return err
	}
	list, next := s.Moderation.Waiting, url.Values{}
	if data.Decided {
		list = s.Moderation.Decided
		next.Set("state", "decided")
	}
	found, err := list(c.Request().Context(), place)
	if err != nil {
		return err
	}
	data.Reports = found.Items
	if !found.Next.IsZero() {
		next.Set("from", found.Next.String())
		data.More = adminReportsPath + "?" + next.Encode()
	}
	return s.show(c, http.StatusOK, "admin_reports", data)
}

// adminReport handles GET /admin/reports/:id.
func (s *Server) adminReport(c echo.Context) error {
	return s.showAdminReport(c, http.StatusOK, moderation.Verdict{}, nil)
}

func (s *Server) showAdminReport(c echo.Context, status int, form moderation.Verdict, problems Problems) error {
	d, err := s.Moderation.Detail(c.Request().Context(), models.ReportID(c.Param("id")))
	if err != nil {
		return err
	}
	data := adminReportPage{page: s.page(c, "Report about a "+string(d.Subject().Kind)), Report: d, HTML: judgedWords(d.Now), Form: form, Problems: problems}
	if !d.Gone() {
		data.Address = subjectAddress(d.Now)
		data.Who, data.WhyNot = d.Now.Audience()
	}
	return s.show(c, status, "admin_report", data)
}

// judgedWords shows the words of a subject as its readers see them.
func judgedWords(v models.SubjectView) template.HTML {
	if v.Kind == models.SubjectComment {
		return sanitize.Comment(models.CommentBody(v.Words))
	}
	return sanitize.Post(models.Content(v.Words))
}

// actOnReport does one action, and shows the report again.
func (s *Server) actOnReport(c echo.Context, do func(ctx context.Context, by models.Actor, id models.ReportID) error) error {
	id := models.ReportID(c.Param("id"))
	if err := do(c.Request().Context(), actor(c), id); err != nil {
		return s.refusedReport(c, err, moderation.Verdict{})
	}
	return c.Redirect(http.StatusSeeOther, adminReportsPath+"/"+url.PathEscape(string(id))+"?notice=saved")
}

// adminReportClaim handles POST /admin/reports/:id/claim.
func (s *Server) adminReportClaim(c echo.Context) error { return s.actOnReport(c, s.Moderation.Claim) }

// adminReportRelease handles POST /admin/reports/:id/release.
func (s *Server) adminReportRelease(c echo.Context) error {
	return s.actOnReport(c, s.Moderation.Release)
}

// adminReportUndo handles POST /admin/reports/:id/undo.
func (s *Server) adminReportUndo(c echo.Context) error { return s.actOnReport(c, s.Moderation.Undo) }

// adminReportDecide handles POST /admin/reports/:id/decide.
func (s *Server) adminReportDecide(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v := moderation.Verdict{Decision: form.Get("decision"), Why: form.Get("why"), Note: form.Get("note")}
	if err := s.Moderation.Decide(c.Request().Context(), actor(c), models.ReportID(c.Param("id")), v); err != nil {
		return s.refusedReport(c, err, v)
	}
	return c.Redirect(http.StatusSeeOther, adminReportsPath+"?notice=decided")
}

// refusedReport shows the report again with what is wrong, and what was typed.
func (s *Server) refusedReport(c echo.Context, err error, v moderation.Verdict) error {
	if problem.KindOf(err) == problem.NotFound {
		return err
	}
	return s.showForm(err, func(status int, problems Problems) error {
		return s.showAdminReport(c, status, v, problems)
	})
}
