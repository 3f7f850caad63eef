package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// apiAdminPrefix begins the addresses for those who look after the site.
const apiAdminPrefix = apiPrefix + "/admin"

// apiAdminUsers handles GET /api/v1/admin/users.
func (s *Server) apiAdminUsers(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	form := userListForm{Q: c.QueryParam("q"), Role: c.QueryParam("role"), Tier: c.QueryParam("tier"), Sort: c.QueryParam("sort")}
	filter, err := models.ParseUserFilter(form.Q, form.Role, form.Tier, form.Sort)
	if err != nil {
		return err
	}
	if form.Suspended, err = boolParam(c, "suspended"); err != nil {
		return err
	}
	filter.Suspended, filter.After, filter.Limit = form.Suspended, models.UserID(c.QueryParam("after")), limit
	users, more, err := s.Accounts.Users(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if more {
		s.linkNext(c, "/admin/users", form.values(), "after", string(users[len(users)-1].ID), limit)
	}
	return sendJSON(c, http.StatusOK, apiList[apiAccount]{itemsOf(users, s.apiAccountOf)})
}

// boolParam reads a parameter that is true, false or not there.
func boolParam(c echo.Context, field string) (bool, error) {
	switch c.QueryParam(field) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, problem.OnField(field, "Must be true or false.")
}

// apiAdminUser handles GET /api/v1/admin/users/:username.
func (s *Server) apiAdminUser(c echo.Context) error {
	ctx := c.Request().Context()
	user, err := s.Accounts.ByUsername(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	count, err := s.Accounts.CountOf(ctx, user.ID)
	if err != nil {
		return err
	}
	factor, err := s.Accounts.SecondFactor(ctx, user)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, apiAccountWhole{
		apiAccount: s.apiAccountOf(user), DeletionAt: inUTC(user.DeletionAt), SecondFactor: factor.Has(),
		Posts: count.Posts, Files: count.Files, Links: count.Links,
	})
}

// changeUser does one action that the panel has too, and answers with the user.
// The body must have the given fields, and may have a reason.
func (s *Server) changeUser(c echo.Context, do UserAction, fields ...string) error {
	form, err := apiForm(c, fields)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), actor(c), c.Param("username"), form); err != nil {
		return err
	}
	return s.apiAdminUser(c)
}

// apiAdminUserSetTier handles POST /api/v1/admin/users/:username/tier.
func (s *Server) apiAdminUserSetTier(c echo.Context) error {
	return s.changeUser(c, s.actions().SetTier, "tier")
}

// apiAdminUserSetRole handles POST /api/v1/admin/users/:username/role.
func (s *Server) apiAdminUserSetRole(c echo.Context) error {
	return s.changeUser(c, s.actions().SetRole, "role")
}

// apiAdminUserSetQuota handles POST /api/v1/admin/users/:username/quota.
func (s *Server) apiAdminUserSetQuota(c echo.Context) error {
	return s.changeUser(c, s.actions().SetQuota, "quota")
}

// apiAdminUserSuspend handles POST /api/v1/admin/users/:username/suspend.
func (s *Server) apiAdminUserSuspend(c echo.Context) error {
	return s.changeUser(c, s.actions().Suspend)
}

// apiAdminUserReinstate handles POST /api/v1/admin/users/:username/reinstate.
func (s *Server) apiAdminUserReinstate(c echo.Context) error {
	return s.changeUser(c, s.actions().Reinstate)
}

// apiAdminUserEndSessions handles POST /api/v1/admin/users/:username/end-sessions.
func (s *Server) apiAdminUserEndSessions(c echo.Context) error {
	return s.changeUser(c, s.actions().EndSessions)
}

// apiForm reads a JSON object of texts as the form that the panel would send.
// Those of must have to be there, and a reason may be.
func apiForm(c echo.Context, must []string) (url.Values, error) {
	form := url.Values{}
	if len(must) == 0 && c.Request().ContentLength == 0 {
		return form, nil
	}
	sent, fields := map[string]**string{}, jsonFields{}
	for _, name := range append([]string{"why"}, must...) {
		sent[name] = new(*string)
		fields[name] = sent[name]
	}
	if err := readJSON(c, fields); err != nil {
		return nil, err
	}
	for name, text := range sent {
		if *text != nil {
			form.Set(name, **text)
		}
	}
	for _, name := range must {
		if !form.Has(name) {
			return nil, problem.OnField(name, "This field is required.")
		}
	}
	return form, nil
}
