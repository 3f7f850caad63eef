package panel

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// auditPage is the page "admin_audit". Its form is sent by GET and has the
// fields actor, action, user and outcome.
type auditPage struct {
	page.Frame
	Form     actions.AuditForm
	Actions  []models.AuditAction // that Form can choose
	Signed   models.AuditMark     // the latest mark; zero: nothing is signed yet
	Events   []models.AuditView
	Older    string // URL of the next page of the list; empty: none
	Problems page.Problems
}

// AuditList handles GET /admin/audit: the audit log, filtered.
func (p *Panel) AuditList(c echo.Context) error {
	form := actions.AuditForm{
		Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), User: c.QueryParam("user"), Outcome: c.QueryParam("outcome"),
	}
	filter, err := p.Actions.AuditFilter(c, form)
	data := auditPage{Frame: p.frame(c, "Audit log"), Form: form, Actions: models.AuditActions()}
	if named := models.AuditAction(form.Action); named != "" && !slices.Contains(data.Actions, named) {
		data.Actions = append(data.Actions, named) // of an older version
	}
	status := http.StatusOK
	if found := problem.All(err); found != nil {
		data.Problems, status = found, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	} else {
		list, err := p.Audit.List(c.Request().Context(), filter)
		if err != nil {
			return err
		}
		if data.Signed, err = p.Audit.LastMark(c.Request().Context()); err != nil {
			return err
		}
		data.Events = list.Events
		if list.Next != 0 {
			data.Older = "/admin/audit?" + form.Query(list.Next)
		}
	}
	return p.Show(c, status, "admin_audit", data)
}

// AuditExport handles GET /admin/audit/events.jsonl: it streams the whole audit
// log.
func (p *Panel) AuditExport(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "application/jsonl; charset=utf-8")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="audit.jsonl"`)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	return p.Audit.Export(c.Request().Context(), c.Response())
}
