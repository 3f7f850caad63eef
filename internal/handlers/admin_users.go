package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const adminUsersPath = "/admin/users"

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

// actOnUser does one action, and shows the user again.
func (s *Server) actOnUser(c echo.Context, do UserAction) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), actor(c), c.Param("username"), form); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			typed := adminUserForm{
				Tier: form.Get("tier"), Role: form.Get("role"), Quota: form.Get("quota"), Why: form.Get("why"),
				Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now",
			}
			return s.showUser(c, status, adminUserPage{Form: typed, Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, adminUsersPath+"/"+url.PathEscape(c.Param("username"))+"?notice=saved")
}

// adminUserSetTier handles POST /admin/users/:username/tier.
func (s *Server) adminUserSetTier(c echo.Context) error { return s.actOnUser(c, s.actions().SetTier) }

// adminUserSetRole handles POST /admin/users/:username/role.
func (s *Server) adminUserSetRole(c echo.Context) error { return s.actOnUser(c, s.actions().SetRole) }

// adminUserSetQuota handles POST /admin/users/:username/quota.
func (s *Server) adminUserSetQuota(c echo.Context) error { return s.actOnUser(c, s.actions().SetQuota) }

// adminUserSuspend handles POST /admin/users/:username/suspend.
func (s *Server) adminUserSuspend(c echo.Context) error { return s.actOnUser(c, s.actions().Suspend) }

// adminUserReinstate handles POST /admin/users/:username/reinstate.
func (s *Server) adminUserReinstate(c echo.Context) error {
	return s.actOnUser(c, s.actions().Reinstate)
}

// adminUserEndSessions handles POST /admin/users/:username/end-sessions.
func (s *Server) adminUserEndSessions(c echo.Context) error {
	return s.actOnUser(c, s.actions().EndSessions)
}

// adminUserRemoveFactors handles POST /admin/users/:username/remove-factor.
func (s *Server) adminUserRemoveFactors(c echo.Context) error {
	return s.actOnUser(c, s.actions().RemoveFactors)
}

// adminUserDelete handles POST /admin/users/:username/delete.
func (s *Server) adminUserDelete(c echo.Context) error { return s.actOnUser(c, s.actions().Delete) }

// adminUserKeep handles POST /admin/users/:username/keep.
func (s *Server) adminUserKeep(c echo.Context) error { return s.actOnUser(c, s.actions().Keep) }

// adminUserReset handles POST /admin/users/:username/reset. The answer is the
// one page that ever shows the link.
func (s *Server) adminUserReset(c echo.Context) error {
	form, err := readForm(c)
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
