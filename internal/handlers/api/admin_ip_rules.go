package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/models"
)

// An ipRuleJSON is an IP rule.
type ipRuleJSON struct {
	Prefix    string     `json:"prefix"`
	Action    string     `json:"action"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// ipRuleOf returns r as JSON has it.
func ipRuleOf(r models.IPRule) ipRuleJSON {
	return ipRuleJSON{
		Prefix: string(r.Prefix), Action: string(r.Action), Note: r.Note, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: inUTC(r.ExpiresAt),
	}
}

// IPRuleList handles GET /api/v1/admin/ip-rules. It has no pages, because there are
// few rules.
func (a *API) IPRuleList(c echo.Context) error {
	rules, err := a.IPRules.Rules(c.Request().Context())
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, listJSON[ipRuleJSON]{itemsOf(rules, ipRuleOf)})
}

// IPRuleCreate handles POST /api/v1/admin/ip-rules.
func (a *API) IPRuleCreate(c echo.Context) error {
	var prefix, action, note, lifetime *string
	if err := readJSON(c, jsonFields{"prefix": &prefix, "action": &action, "note": &note, "for": &lifetime}); err != nil {
		return err
	}
	in := iprules.Input{Prefix: valueOr(prefix, ""), Action: valueOr(action, ""), Note: valueOr(note, ""), For: valueOr(lifetime, "")}
	rule, err := a.IPRules.Create(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, ipRuleOf(rule))
}

// IPRuleDelete handles DELETE /api/v1/admin/ip-rules. The prefix has a slash, so it is
// in the query.
func (a *API) IPRuleDelete(c echo.Context) error {
	if err := a.IPRules.Delete(c.Request().Context(), gate.Actor(c), c.QueryParam("prefix")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
