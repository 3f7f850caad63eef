package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// apiAdminPrefix begins the addresses for those who look after the site.
const apiAdminPrefix = apiPrefix + "/admin"

// apiAdminRoutes is what programs of admins do, by a token with the scope admin.
// What the panel asks a proof of being there for, that token was made with one.
func (s *Server) apiAdminRoutes() []route {
	const get, post, del = http.MethodGet, http.MethodPost, http.MethodDelete
	routes := []route{
		{get, "/users", s.apiAdminUsers, apiAdmin, limits.Admin, noBody},
		{get, "/users/:username", s.apiAdminUser, apiAdmin, limits.Admin, noBody},
		{get, "/invitations", s.apiAdminInvitations, apiAdmin, limits.Admin, noBody},
		{post, "/invitations", s.apiAdminInvite, apiAdmin, limits.Admin, smallBody},
		{del, "/invitations/:id", s.apiAdminUninvite, apiAdmin, limits.Admin, noBody},
		{get, "/ip-rules", s.apiAdminIPRules, apiAdmin, limits.Admin, noBody},
		{post, "/ip-rules", s.apiAdminIPRuleCreate, apiAdmin, limits.Admin, smallBody},
		{del, "/ip-rules", s.apiAdminIPRuleDelete, apiAdmin, limits.Admin, noBody},
		{get, "/audit-events", s.apiAdminAudit, apiAdmin, limits.Admin, noBody},
		{get, "/limits", s.apiAdminLimits, apiAdmin, limits.Admin, noBody},
	}
	for act, fields := range apiUserActs {
		routes = append(routes, route{post, "/users/:username/" + act, s.apiAdminUserAct(s.userActs()[act], fields), apiAdmin, limits.Admin, smallBody})
	}
	for i := range routes {
		routes[i].path = apiAdminPrefix + routes[i].path
	}
	return routes
}

// apiUserActs are the acts of the panel that programs may do too, with what each
// must be told. All take a reason.
var apiUserActs = map[string][]string{
	"tier": {"tier"}, "role": {"role"}, "quota": {"quota"}, "suspend": nil, "reinstate": nil, "end-sessions": nil,
}

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
	return false, problem.OnField(field, "This is true or false.")
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

// apiAdminUserAct handles POST /api/v1/admin/users/:username/…, for one act. A
// body is wanted by those that must be told something.
func (s *Server) apiAdminUserAct(do userAct, fields []string) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, err := apiForm(c, fields)
		if err != nil {
			return err
		}
		if err := do(c.Request().Context(), actor(c), c.Param("username"), form); err != nil {
			return err
		}
		return s.apiAdminUser(c)
	}
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
			return nil, problem.OnField(name, "This field must be there.")
		}
	}
	return form, nil
}
