package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	noticesPath     = "/settings/notices"
	sentReportsPath = "/settings/reports"
)

// subjectIn returns what the address names.
func subjectIn(c echo.Context) (models.Subject, error) {
	what, ok := models.ParseSubject(c.Param("kind") + ":" + c.Param("id"))
	if !ok {
		return what, problem.New(problem.NotFound, "Not found.")
	}
	return what, nil
}

// reportForm handles GET /report/:kind/:id.
func (s *Server) reportForm(c echo.Context) error {
	return s.showReport(c, http.StatusOK, reportFields{}, nil)
}

func (s *Server) showReport(c echo.Context, status int, form reportFields, problems Problems) error {
	what, err := subjectIn(c)
	if err != nil {
		return err
	}
	seen, err := s.Moderation.Seen(c.Request().Context(), visitor(c), what)
	if err != nil {
		return err
	}
	return s.show(c, status, "report_form", reportFormPage{
		page: s.guestPage(c, "Report this "+string(what.Kind)), Seen: seen, Back: subjectAddress(seen), Form: form, Problems: problems,
	})
}

// reportSend handles POST /report/:kind/:id.
func (s *Server) reportSend(c echo.Context) error {
	what, err := subjectIn(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, fields := c.Request().Context(), reportFields{Reason: form.Get("reason"), Words: form.Get("words")}
	if err := s.Moderation.Report(ctx, visitor(c), what, fields.Reason, fields.Words); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showReport(c, status, fields, problems)
		})
	}
	seen, err := s.Moderation.Seen(ctx, visitor(c), what)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, subjectAddress(seen)+"?notice=reported")
}

// subjectAddress is where a subject is seen.
func subjectAddress(v models.SubjectView) string {
	switch {
	case v.Kind == models.SubjectPost:
		return "/posts/" + v.ID
	case v.Kind == models.SubjectUser:
		return "/users/" + string(v.Owner)
	case v.PostID != "":
		return "/posts/" + string(v.PostID)
	}
	return "/"
}

// sentReports handles GET /settings/reports.
func (s *Server) sentReports(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	sent, err := s.Moderation.Sent(c.Request().Context(), visitor(c), before)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "settings_reports", settingsReportsPage{
		page: s.page(c, "Your reports"), Reports: sent.Items, Older: nextAddress(sentReportsPath, "before", sent.Next),
	})
}

// noticeList handles GET /settings/notices.
func (s *Server) noticeList(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Moderation.Notices(c.Request().Context(), visitor(c), before)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "settings_notices", settingsNoticesPage{
		page: s.page(c, "Notifications"), Notices: found.Items, Older: nextAddress(noticesPath, "before", found.Next),
	})
}

// noticesRead handles POST /settings/notices/read.
func (s *Server) noticesRead(c echo.Context) error {
	if err := s.Moderation.ReadNotices(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, noticesPath)
}
