package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An auditEventJSON is an audit event. Only the export has its hashes.
type auditEventJSON struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	ActorID string    `json:"actor_id"`
	Actor   string    `json:"actor"`
	Action  string    `json:"action"`
	Object  string    `json:"object"`
	User    string    `json:"user"` // the username that the object names
	Address string    `json:"address"`
	Outcome string    `json:"outcome"`
	Detail  string    `json:"detail"`
}

// auditEventOf returns e as JSON has it.
func auditEventOf(e models.AuditView) auditEventJSON {
	return auditEventJSON{
		Seq: e.Seq, At: e.At.UTC(), ActorID: string(e.ActorID), Actor: string(e.Actor), Action: string(e.Action), Object: e.Object,
		User: string(e.Subject), Address: e.Address, Outcome: string(e.Outcome), Detail: e.Detail,
	}
}

// AuditList handles GET /api/v1/admin/audit-events.
func (a *API) AuditList(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	form := actions.AuditForm{
		Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), User: c.QueryParam("user"), Outcome: c.QueryParam("outcome"),
	}
	filter, err := a.Actions.AuditFilter(c, form)
	if found := problem.All(err); len(found) == 1 && found[0].Field == "" {
		err = problem.At("before", err)
	}
	if err != nil {
		return err
	}
	filter.Limit = limit
	list, err := a.Audit.List(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if list.Next != 0 {
		a.linkNext(c, "/admin/audit-events", form.Values(), "before", strconv.FormatInt(list.Next, 10), limit)
	}
	return sendJSON(c, http.StatusOK, listJSON[auditEventJSON]{itemsOf(list.Events, auditEventOf)})
}
