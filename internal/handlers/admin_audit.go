package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// adminAudit handles GET /admin/audit.
func (s *Server) adminAudit(c echo.Context) error {
	form := auditForm{Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), User: c.QueryParam("user"), Outcome: c.QueryParam("outcome")}
	filter, err := s.auditFilter(c, form)
	data := adminAuditPage{page: s.page(c, "Audit log"), Form: form}
	status := http.StatusOK
	if found := problem.All(err); found != nil {
		data.Problems, status = found, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	} else {
		list, err := s.Audit.List(c.Request().Context(), filter)
		if err != nil {
			return err
		}
		if data.Signed, err = s.Audit.LastMark(c.Request().Context()); err != nil {
			return err
		}
		data.Events = list.Events
		if list.Next != 0 {
			data.Older = "/admin/audit?" + form.query(list.Next)
		}
	}
	return s.show(c, status, "admin_audit", data)
}

// auditFilter returns what the form asks for. A user who is not there is a
// problem at its field.
func (s *Server) auditFilter(c echo.Context, form auditForm) (f models.AuditFilter, err error) {
	ctx := c.Request().Context()
	f = models.AuditFilter{Action: models.AuditAction(form.Action), Outcome: models.Outcome(form.Outcome)}
	for field, text := range map[string]string{"action": form.Action, "outcome": form.Outcome} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return f, problem.OnField(field, "Unknown %s.", field)
		}
	}
	for field, name := range map[string]string{"actor": form.Actor, "user": form.User} {
		if name == "" {
			continue
		}
		user, err := s.Accounts.ByUsername(ctx, name)
		if problem.KindOf(err) == problem.NotFound {
			return f, problem.OnField(field, "No user has this name.")
		}
		if err != nil {
			return f, err
		}
		if field == "actor" {
			f.Actor = user.ID
		} else {
			f.Object = models.UserObject(user.ID)
		}
	}
	if before := c.QueryParam("before"); before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil || f.Before < 1 {
			return f, problem.New(problem.Invalid, "This page of the list does not exist. Go back to the first page.")
		}
	}
	return f, nil
}

// query is the form as it stands in an address.
func (f auditForm) query(before int64) string {
	values := f.values()
	values.Set("before", strconv.FormatInt(before, 10))
	return values.Encode()
}

func (f auditForm) values() url.Values {
	values := url.Values{}
	for field, value := range map[string]string{"actor": f.Actor, "action": f.Action, "user": f.User, "outcome": f.Outcome} {
		if value != "" {
			values.Set(field, value)
		}
	}
	return values
}

// adminAuditExport handles GET /admin/audit/events.jsonl, which streams: the
// log may be long.
func (s *Server) adminAuditExport(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/jsonl; charset=utf-8")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="audit.jsonl"`)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	return s.Audit.Export(c.Request().Context(), c.Response())
}
