package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const adminUsersPath = "/admin/users"

// adminUserRoutes is the part of the panel that looks after users.
func (s *Server) adminUserRoutes() []route {
	routes := []route{
		{http.MethodGet, adminUsersPath, s.adminUsers, admins, limits.Admin, noBody},
		{http.MethodGet, adminUsersPath + "/:username", s.adminUser, admins, limits.Admin, noBody},
		{http.MethodPost, adminUsersPath + "/:username/reset", s.adminUserReset, confirmedAdmins, limits.Admin, smallBody},
	}
	for act, do := range s.userActs() {
		routes = append(routes, route{http.MethodPost, adminUsersPath + "/:username/" + act, s.adminUserAct(do), confirmedAdmins, limits.Admin, smallBody})
	}
	return routes
}

// A userAct is what an admin does to the user of a name, as a form says.
type userAct func(ctx context.Context, by models.Actor, username string, form url.Values) error

func (s *Server) userActs() map[string]userAct {
	// forWhy is an act that takes nothing but the reason for it.
	forWhy := func(do func(ctx context.Context, by models.Actor, username, why string) (models.User, error)) userAct {
		return func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			_, err := do(ctx, by, username, form.Get("why"))
			return err
		}
	}
	return map[string]userAct{
		"tier": func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			_, err := s.Accounts.SetTier(ctx, by, username, form.Get("tier"))
			return err
		},
		"role": func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			_, err := s.Accounts.SetRole(ctx, by, username, form.Get("role"), form.Get("why"))
			return err
		},
		"quota": func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			_, err := s.Accounts.SetQuota(ctx, by, username, form.Get("quota"))
			return err
		},
		"delete": func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			return s.Leaving.Order(ctx, by, username, leaving.Order{Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now"})
		},
		"keep": func(ctx context.Context, by models.Actor, username string, form url.Values) error {
			return s.Leaving.Spare(ctx, by, username, form.Get("reason"))
		},
		"suspend": forWhy(s.Accounts.Suspend), "reinstate": forWhy(s.Accounts.Reinstate),
		"end-sessions": forWhy(s.Accounts.EndSessionsOf), "remove-factor": forWhy(s.Accounts.RemoveFactorsOf),
	}
}

// adminUsers handles GET /admin/users.
func (s *Server) adminUsers(c echo.Context) error {
	form := userListForm{Q: c.QueryParam("q"), Role: c.QueryParam("role"), Tier: c.QueryParam("tier"), Sort: c.QueryParam("sort"), Suspended: c.QueryParam("suspended") != ""}
	data := adminUsersPage{page: s.page(c, "Users"), Form: form}
	filter, err := models.ParseUserFilter(form.Q, form.Role, form.Tier, form.Sort)
	filter.Suspended, filter.After = form.Suspended, models.UserID(c.QueryParam("after"))
	status := http.StatusOK
	if data.Problems = problem.All(err); data.Problems != nil {
		status = http.StatusUnprocessableEntity
	} else {
		var more bool
		if data.Users, more, err = s.Accounts.Users(c.Request().Context(), filter); err != nil {
			return err
		}
		if more {
			data.More = adminUsersPath + "?" + form.query(data.Users[len(data.Users)-1].ID)
		}
	}
	return s.show(c, status, "admin_users", data)
}

// query is the form as it stands in an address, to go on after somebody.
func (f userListForm) query(after models.UserID) string {
	values := f.values()
	values.Set("after", string(after))
	return values.Encode()
}

func (f userListForm) values() url.Values {
	values := url.Values{}
	for field, value := range map[string]string{"q": f.Q, "role": f.Role, "tier": f.Tier, "sort": f.Sort} {
		if value != "" {
			values.Set(field, value)
		}
	}
	if f.Suspended {
		values.Set("suspended", "true")
	}
	return values
}

// adminUser handles GET /admin/users/:username.
func (s *Server) adminUser(c echo.Context) error {
	return s.showUser(c, http.StatusOK, adminUserPage{})
}

// showUser shows all about the account of one user, and nothing of what they
// wrote or keep.
func (s *Server) showUser(c echo.Context, status int, data adminUserPage) (err error) {
	ctx := c.Request().Context()
	if data.Account, err = s.Accounts.ByUsername(ctx, c.Param("username")); err != nil {
		return err
	}
	data.page = s.page(c, string(data.Account.Username))
	data.GoneAt, data.Late = s.Now().Add(s.Leaving.Grace), data.Account.DeletionAt != nil && !data.Account.DeletionAt.After(s.Now())
	data.Own, data.Quota = data.Account.ID == visitor(c).ID, s.Files.PolicyOf(data.Account).Storage
	if data.Count, err = s.Accounts.CountOf(ctx, data.Account.ID); err != nil {
		return err
	}
	if data.Factor, err = s.Accounts.SecondFactor(ctx, data.Account); err != nil {
		return err
	}
	list, err := s.Audit.List(ctx, models.AuditFilter{Object: models.UserObject(data.Account.ID)})
	if err != nil {
		return err
	}
	const shown = 10
	data.Events = list.Events[:min(len(list.Events), shown)]
	return s.show(c, status, "admin_user", data)
}

// adminUserAct handles POST /admin/users/:username/…, for one act.
func (s *Server) adminUserAct(do userAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, err := formOf(c)
		if err != nil {
			return err
		}
		if err := do(c.Request().Context(), actor(c), c.Param("username"), form); err != nil {
			return s.showForm(err, func(status int, problems Problems) error {
				typed := adminUserForm{Tier: form.Get("tier"), Role: form.Get("role"), Quota: form.Get("quota"), Why: form.Get("why"), Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now"}
				return s.showUser(c, status, adminUserPage{Form: typed, Problems: problems})
			})
		}
		return c.Redirect(http.StatusSeeOther, adminUsersPath+"/"+url.PathEscape(c.Param("username"))+"?notice=saved")
	}
}

// adminUserReset handles POST /admin/users/:username/reset. The answer is the
// one page that ever shows the link.
func (s *Server) adminUserReset(c echo.Context) error {
	form, err := formOf(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.NewResetLink(c.Request().Context(), actor(c), c.Param("username"), form.Get("why"))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showUser(c, status, adminUserPage{Form: adminUserForm{Why: form.Get("why")}, Problems: problems})
		})
	}
	return s.showUser(c, http.StatusCreated, adminUserPage{ResetLink: s.Settings.PublicURL + "/reset/" + secret.Reveal()})
}

// resetForm handles GET /reset/:secret.
func (s *Server) resetForm(c echo.Context) error {
	return s.showReset(c, http.StatusOK, resetPage{})
}

func (s *Server) showReset(c echo.Context, status int, data resetPage) error {
	user, err := s.Accounts.CheckResetLink(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	data.page, data.Username = s.guestPage(c, "A new password"), user.Username
	return s.show(c, status, "reset", data)
}

// resetSend handles POST /reset/:secret.
func (s *Server) resetSend(c echo.Context) error {
	form, err := formOf(c)
	if err != nil {
		return err
	}
	if err := s.Accounts.ResetPassword(c.Request().Context(), models.Secret(c.Param("secret")), form.Get("password"), client(c)); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showReset(c, status, resetPage{Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, "/login?notice=reset")
}
