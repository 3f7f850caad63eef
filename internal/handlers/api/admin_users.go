package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An accountJSON is a user as admins see them.
type accountJSON struct {
	ID              string     `json:"id"`
	Username        string     `json:"username"`
	Email           string     `json:"email"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	Role            string     `json:"role"`
	Tier            string     `json:"tier"`
	StorageUsed     int64      `json:"storage_used"`
	StorageQuota    int64      `json:"storage_quota"`
	Quota           *int64     `json:"quota"` // the user's own; null: that of the tier
	CreatedAt       time.Time  `json:"created_at"`
	SuspendedAt     *time.Time `json:"suspended_at"`
}

// An accountDetailJSON is an accountJSON with the fields that lists omit.
type accountDetailJSON struct {
	accountJSON
	DeletionAt   *time.Time `json:"deletion_at"`
	SecondFactor bool       `json:"second_factor"`
	Posts        int64      `json:"posts"`
	Files        int64      `json:"files"`
	Links        int64      `json:"links"` // identities at a provider
}

// accountOf returns u as admins see it.
func (a *API) accountOf(u models.User) accountJSON {
	return accountJSON{
		ID: string(u.ID), Username: string(u.Username), Email: string(u.Email), EmailVerifiedAt: inUTC(u.EmailVerifiedAt),
		Role: string(u.Role), Tier: string(u.Tier), StorageUsed: u.StorageUsed, StorageQuota: a.Files.PolicyOf(u).Storage, Quota: u.Quota,
		CreatedAt: u.CreatedAt.UTC(), SuspendedAt: inUTC(u.SuspendedAt),
	}
}

// AccountList handles GET /api/v1/admin/users.
func (a *API) AccountList(c echo.Context) error {
	limit, err := pageLimit(c)
	if err != nil {
		return err
	}
	form := actions.UserListForm{Q: c.QueryParam("q"), Role: c.QueryParam("role"), Tier: c.QueryParam("tier"), Sort: c.QueryParam("sort")}
	filter, err := models.ParseUserFilter(form.Q, form.Role, form.Tier, form.Sort)
	if err != nil {
		return err
	}
	if form.Suspended, err = boolParam(c, "suspended"); err != nil {
		return err
	}
	filter.Suspended, filter.After, filter.Limit = form.Suspended, models.UserID(c.QueryParam("after")), limit
	users, more, err := a.Accounts.Users(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	if more {
		a.linkNext(c, "/admin/users", form.Values(), "after", string(users[len(users)-1].ID), limit)
	}
	return sendJSON(c, http.StatusOK, listJSON[accountJSON]{itemsOf(users, a.accountOf)})
}

// boolParam returns a query parameter that can be true, false or missing, which means
// false, or a problem at that field.
func boolParam(c echo.Context, field string) (bool, error) {
	switch c.QueryParam(field) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, problem.OnField(field, "Must be true or false.")
}

// AccountShow handles GET /api/v1/admin/users/:username.
func (a *API) AccountShow(c echo.Context) error {
	ctx := c.Request().Context()
	user, err := a.Accounts.ByUsername(ctx, c.Param("username"))
	if err != nil {
		return err
	}
	count, err := a.Accounts.CountOf(ctx, user.ID)
	if err != nil {
		return err
	}
	factor, err := a.Accounts.SecondFactor(ctx, user)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, accountDetailJSON{
		accountJSON: a.accountOf(user), DeletionAt: inUTC(user.DeletionAt), SecondFactor: factor.Has(),
		Posts: count.Posts, Files: count.Files, Links: count.Links,
	})
}

// changeUser runs an action that the panel has too, and answers with the user. The
// body must have the given fields, and can have a reason.
func (a *API) changeUser(c echo.Context, do actions.UserAction, fields ...string) error {
	form, err := readAction(c, fields)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), gate.Actor(c), c.Param("username"), form); err != nil {
		return err
	}
	return a.AccountShow(c)
}

// AccountSetTier handles POST /api/v1/admin/users/:username/tier.
func (a *API) AccountSetTier(c echo.Context) error {
	return a.changeUser(c, a.Actions.SetTier, "tier")
}

// AccountSetRole handles POST /api/v1/admin/users/:username/role.
func (a *API) AccountSetRole(c echo.Context) error {
	return a.changeUser(c, a.Actions.SetRole, "role")
}

// AccountSetQuota handles POST /api/v1/admin/users/:username/quota.
func (a *API) AccountSetQuota(c echo.Context) error {
	return a.changeUser(c, a.Actions.SetQuota, "quota")
}

// AccountSuspend handles POST /api/v1/admin/users/:username/suspend.
func (a *API) AccountSuspend(c echo.Context) error {
	return a.changeUser(c, a.Actions.Suspend)
}

// AccountReinstate handles POST /api/v1/admin/users/:username/reinstate.
func (a *API) AccountReinstate(c echo.Context) error {
	return a.changeUser(c, a.Actions.Reinstate)
}

// AccountEndSessions handles POST /api/v1/admin/users/:username/end-sessions.
func (a *API) AccountEndSessions(c echo.Context) error {
	return a.changeUser(c, a.Actions.EndSessions)
}

// readAction reads a JSON object of strings as the form that the panel sends. It must
// have the required fields, and can have a reason.
func readAction(c echo.Context, required []string) (url.Values, error) {
	form := url.Values{}
	if len(required) == 0 && c.Request().ContentLength == 0 {
		return form, nil
	}
	sent, fields := map[string]**string{}, jsonFields{}
	for _, name := range append([]string{"why"}, required...) {
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
	for _, name := range required {
		if !form.Has(name) {
			return nil, problem.OnField(name, "This field is required.")
		}
	}
	return form, nil
}
