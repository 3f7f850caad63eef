package panel

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// userPage is the page "admin_user". Its forms have the fields tier, role,
// quota and why; the form that deletes the account has typed, reason and when.
type userPage struct {
	page.Frame
	Account   models.User
	Own       bool      // the viewer's own account
	GoneAt    time.Time // if an admin deletes the account now
	Late      bool      // too late to cancel the deletion
	Quota     int64
	Count     models.UserCount
	Factor    models.SecondFactor
	Events    []models.AuditView
	ResetLink string // shown once
	Form      userForm
	Problems  page.Problems
}

// userForm is what the admin entered about a user.
type userForm struct {
	Tier, Role, Quota, Why string
	Typed, Reason          string // the repeated username, and why the account is deleted
	AtOnce                 bool
}

// Roles returns the roles to choose from.
func (p userPage) Roles() []models.Role { return models.Roles() }

// Tiers returns the tiers to choose from.
func (p userPage) Tiers() []models.Tier { return models.Tiers() }

// UserShow handles GET /admin/users/:username: a user's account.
func (p *Panel) UserShow(c echo.Context) error {
	return p.showUser(c, http.StatusOK, userPage{})
}

// showUser shows a user's account, and nothing that the user wrote or uploaded.
func (p *Panel) showUser(c echo.Context, status int, data userPage) (err error) {
	ctx := c.Request().Context()
	if data.Account, err = p.Accounts.ByUsername(ctx, c.Param("username")); err != nil {
		return err
	}
	data.Frame = p.Frame(c, string(data.Account.Username))
	if strings.HasPrefix(data.Notice, " ") {
		data.Notice = string(data.Account.Username) + data.Notice
	}
	data.GoneAt, data.Late = p.Now().Add(p.Leaving.Grace), data.Account.DeletionAt != nil && !data.Account.DeletionAt.After(p.Now())
	data.Own, data.Quota = data.Account.ID == gate.Visitor(c).ID, p.Files.PolicyOf(data.Account).Storage
	if data.Count, err = p.Accounts.CountOf(ctx, data.Account.ID); err != nil {
		return err
	}
	if data.Factor, err = p.Accounts.SecondFactor(ctx, data.Account); err != nil {
		return err
	}
	list, err := p.Audit.List(ctx, models.AuditFilter{Object: models.UserObject(data.Account.ID)})
	if err != nil {
		return err
	}
	const shown = 10
	data.Events = list.Events[:min(len(list.Events), shown)]
	return p.Show(c, status, "admin_user", data)
}

// actOnUser does one action, and shows the user again with its notice.
func (p *Panel) actOnUser(c echo.Context, do actions.UserAction, notice string) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), gate.Actor(c), c.Param("username"), form); err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			typed := userForm{
				Tier: form.Get("tier"), Role: form.Get("role"), Quota: form.Get("quota"), Why: form.Get("why"),
				Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now",
			}
			return p.showUser(c, status, userPage{Form: typed, Problems: problems})
		})
	}
	return p.Tell(c, usersPath+"/"+url.PathEscape(c.Param("username")), notice)
}

// UserSetTier handles POST /admin/users/:username/tier: it changes the tier.
func (p *Panel) UserSetTier(c echo.Context) error {
	return p.actOnUser(c, p.Actions.SetTier, "tier")
}

// UserSetRole handles POST /admin/users/:username/role: it changes the role.
func (p *Panel) UserSetRole(c echo.Context) error {
	return p.actOnUser(c, p.Actions.SetRole, "role")
}

// UserSetQuota handles POST /admin/users/:username/quota: it changes the quota.
func (p *Panel) UserSetQuota(c echo.Context) error {
	return p.actOnUser(c, p.Actions.SetQuota, "quota")
}

// UserSuspend handles POST /admin/users/:username/suspend: it suspends the
// user.
func (p *Panel) UserSuspend(c echo.Context) error {
	return p.actOnUser(c, p.Actions.Suspend, "suspended")
}

// UserReinstate handles POST /admin/users/:username/reinstate: it ends a
// suspension.
func (p *Panel) UserReinstate(c echo.Context) error {
	return p.actOnUser(c, p.Actions.Reinstate, "reinstated")
}

// UserEndSessions handles POST /admin/users/:username/end-sessions: it signs
// the user out everywhere.
func (p *Panel) UserEndSessions(c echo.Context) error {
	return p.actOnUser(c, p.Actions.EndSessions, "signed-out")
}

// UserRemoveFactors handles POST /admin/users/:username/remove-factor: it turns
// off two-factor authentication.
func (p *Panel) UserRemoveFactors(c echo.Context) error {
	return p.actOnUser(c, p.Actions.RemoveFactors, "no-app")
}

// UserDelete handles POST /admin/users/:username/delete: it deletes the
// account.
func (p *Panel) UserDelete(c echo.Context) error {
	return p.actOnUser(c, p.Actions.Delete, "deletion")
}

// UserKeep handles POST /admin/users/:username/keep: it cancels the deletion of
// the account.
func (p *Panel) UserKeep(c echo.Context) error {
	return p.actOnUser(c, p.Actions.Keep, "stays")
}

// UserReset handles POST /admin/users/:username/reset: it creates a reset link.
// The answer shows the link, once.
func (p *Panel) UserReset(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	_, secret, err := p.Accounts.NewResetLink(c.Request().Context(), gate.Actor(c), c.Param("username"), form.Get("why"))
	if err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showUser(c, status, userPage{Form: userForm{Why: form.Get("why")}, Problems: problems})
		})
	}
	return p.showUser(c, http.StatusCreated, userPage{ResetLink: p.Options.PublicURL + "/reset/" + secret.Reveal()})
}
