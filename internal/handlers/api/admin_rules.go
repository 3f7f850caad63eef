package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// InvitationList handles GET /api/v1/admin/invitations.
func (a *API) InvitationList(c echo.Context) error {
	place, err := readPaging(c, "before")
	if err != nil {
		return err
	}
	page, err := a.Accounts.Invitations(c.Request().Context(), place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(a, c, "/admin/invitations", url.Values{}, place, page, invitationOf)
}

// InvitationCreate handles POST /api/v1/admin/invitations. The answer is the one
// place that ever tells the link.
func (a *API) InvitationCreate(c echo.Context) error {
	var role, tier, email, note *string
	var days *int64
	if err := readJSON(c, jsonFields{"role": &role, "tier": &tier, "days": &days, "email": &email, "note": &note}); err != nil {
		return err
	}
	in := models.InvitationInput{Role: given(role, ""), Tier: given(tier, ""), Email: given(email, ""), Note: given(note, "")}
	if days != nil {
		in.Days = strconv.FormatInt(*days, 10)
	}
	made, link, err := a.Accounts.Invite(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, newInvitationJSON{invitationOf(made), a.Options.PublicURL + "/invite/" + link.Reveal()})
}

// InvitationRevoke handles DELETE /api/v1/admin/invitations/:id.
func (a *API) InvitationRevoke(c echo.Context) error {
	if err := a.Accounts.RevokeInvitation(c.Request().Context(), gate.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// IPRuleList handles GET /api/v1/admin/ip-rules: all of them, which are
// never many.
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
	in := iprules.Input{Prefix: given(prefix, ""), Action: given(action, ""), Note: given(note, ""), For: given(lifetime, "")}
	rule, err := a.IPRules.Create(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, ipRuleOf(rule))
}

// IPRuleDelete handles DELETE /api/v1/admin/ip-rules. The prefix is in
// the query: it has a slash.
func (a *API) IPRuleDelete(c echo.Context) error {
	if err := a.IPRules.Delete(c.Request().Context(), gate.Actor(c), c.QueryParam("prefix")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// AuditList handles GET /api/v1/admin/audit-events.
func (a *API) AuditList(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	form := actions.AuditForm{Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), User: c.QueryParam("user"), Outcome: c.QueryParam("outcome")}
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

// LimitList handles GET /api/v1/admin/limits.
func (a *API) LimitList(c echo.Context) error {
	rules := a.Limits.Current().Rules()
	return sendJSON(c, http.StatusOK, listJSON[limitJSON]{itemsOf(rules, a.limitOf)})
}

func (a *API) limitOf(rule limits.Rule) limitJSON {
	l := limitJSON{Act: string(rule.Act), Says: rule.Says, Counts: string(rule.Unit)}
	for _, class := range limits.ClassesOf(rule) {
		from := a.SettingEdits.Source(settings.LimitName(rule, class))
		if from == "" {
			from = "default"
		}
		l.Rates = append(l.Rates, ratesJSON{Class: string(class), Rates: strings.Split(rule.Written(class), "+"), From: from})
	}
	return l
}
