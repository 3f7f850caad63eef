package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// apiAdminInvitations handles GET /api/v1/admin/invitations.
func (s *Server) apiAdminInvitations(c echo.Context) error {
	place, err := placeIn(c, "before")
	if err != nil {
		return err
	}
	page, err := s.Accounts.Invitations(c.Request().Context(), place.cursor, place.limit)
	if err != nil {
		return err
	}
	return sendList(s, c, "/admin/invitations", url.Values{}, place, page, apiInvitationOf)
}

// apiAdminInvite handles POST /api/v1/admin/invitations. The answer is the one
// place that ever tells the link.
func (s *Server) apiAdminInvite(c echo.Context) error {
	var role, tier, email, note *string
	var days *int64
	if err := readJSON(c, jsonFields{"role": &role, "tier": &tier, "days": &days, "email": &email, "note": &note}); err != nil {
		return err
	}
	in := models.InvitationIncoming{Role: given(role, ""), Tier: given(tier, ""), Email: given(email, ""), Note: given(note, "")}
	if days != nil {
		in.Days = strconv.FormatInt(*days, 10)
	}
	made, link, err := s.Accounts.Invite(c.Request().Context(), actor(c), in)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, apiNewInvitation{apiInvitationOf(made), s.Settings.PublicURL + "/invite/" + link.Reveal()})
}

// apiAdminUninvite handles DELETE /api/v1/admin/invitations/:id.
func (s *Server) apiAdminUninvite(c echo.Context) error {
	if err := s.Accounts.Uninvite(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// apiAdminIPRules handles GET /api/v1/admin/ip-rules: all of them, which are
// never many.
func (s *Server) apiAdminIPRules(c echo.Context) error {
	rules, err := s.IPRules.Rules(c.Request().Context())
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, apiList[apiIPRule]{itemsOf(rules, apiIPRuleOf)})
}

// apiAdminIPRuleCreate handles POST /api/v1/admin/ip-rules.
func (s *Server) apiAdminIPRuleCreate(c echo.Context) error {
	var prefix, action, note, lifetime *string
	if err := readJSON(c, jsonFields{"prefix": &prefix, "action": &action, "note": &note, "for": &lifetime}); err != nil {
		return err
	}
	in := iprules.Input{Prefix: given(prefix, ""), Action: given(action, ""), Note: given(note, ""), For: given(lifetime, "")}
	rule, err := s.IPRules.Create(c.Request().Context(), actor(c), in)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, apiIPRuleOf(rule))
}

// apiAdminIPRuleDelete handles DELETE /api/v1/admin/ip-rules. The prefix is in
// the query: it has a slash.
func (s *Server) apiAdminIPRuleDelete(c echo.Context) error {
	if err := s.IPRules.Delete(c.Request().Context(), actor(c), c.QueryParam("prefix")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// apiAdminAudit handles GET /api/v1/admin/audit-events.
func (s *Server) apiAdminAudit(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	form := auditForm{Actor: c.QueryParam("actor"), Action: c.QueryParam("action"), User: c.QueryParam("user"), Outcome: c.QueryParam("outcome")}
	filter, err := s.auditFilter(c, form)
	if found := problem.All(err); len(found) == 1 && found[0].Field == "" {
		err = problem.At("before", err)
	}
	if err != nil {
		return err
	}
	filter.Limit = limit
	list, err := s.Audit.List(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if list.Next != 0 {
		s.linkNext(c, "/admin/audit-events", form.values(), "before", strconv.FormatInt(list.Next, 10), limit)
	}
	return sendJSON(c, http.StatusOK, apiList[apiAuditEvent]{itemsOf(list.Events, apiAuditEventOf)})
}

// apiAdminLimits handles GET /api/v1/admin/limits.
func (s *Server) apiAdminLimits(c echo.Context) error {
	rules := s.Limits.Current().Rules()
	return sendJSON(c, http.StatusOK, apiList[apiLimit]{itemsOf(rules, s.apiLimitOf)})
}

func (s *Server) apiLimitOf(rule limits.Rule) apiLimit {
	l := apiLimit{Act: string(rule.Act), Says: rule.Says, Counts: string(rule.Unit)}
	for _, class := range limits.ClassesOf(rule) {
		from := s.SettingEdits.Source(settings.LimitName(rule, class))
		if from == "" {
			from = "default"
		}
		l.Rates = append(l.Rates, apiRates{Class: string(class), Rates: strings.Split(rule.Written(class), "+"), From: from})
	}
	return l
}
