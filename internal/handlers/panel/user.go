package panel

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/actions"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
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
	CanUndo   bool   // the viewer has just suspended the user
	Form      userForm
	Problems  page.Problems
}

// userForm is what the admin entered about a user.
type userForm struct {
	Act                    string // what the form does, as in its path
	Tier, Role, Quota, Why string
	Typed, Reason          string // the repeated username, and why the account is deleted
	AtOnce                 bool
}

// ProblemsOf returns the problems of the form of an act.
func (p userPage) ProblemsOf(act string) page.Problems {
	if p.Form.Act == act {
		return p.Problems
	}
	return nil
}

// WhyID returns the ID of the reason in the form of an act: that to which the list of
// problems leads, if the act was refused.
func (p userPage) WhyID(act string) string {
	if p.Form.Act == act {
		return "why"
	}
	return "why-" + act
}

// WhyOf returns the reason that was typed into the form of an act.
func (p userPage) WhyOf(act string) string {
	if p.Form.Act == act {
		return p.Form.Why
	}
	return ""
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
	data.Frame = p.frame(c, string(data.Account.Username))
	data.CanUndo = data.Account.SuspendedAt != nil && data.Notice == page.NoticeSuspended
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
	err = requireReason(c, form)
	if err == nil {
		err = do(c.Request().Context(), gate.Actor(c), c.Param("username"), form)
	}
	if err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			typed := userForm{
				Act: actIn(c), Tier: form.Get("tier"), Role: form.Get("role"), Quota: form.Get("quota"), Why: form.Get("why"),
				Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now",
			}
			return p.showUser(c, status, userPage{Form: typed, Problems: problems})
		})
	}
	return p.Tell(c, usersPath+"/"+url.PathEscape(c.Param("username")), notice)
}

// ReasonFields are the fields of an act on a user, post, comment or file that come back when
// the gate refuses the form.
var ReasonFields = []gate.SavedField{{Name: "why", Label: "Reason"}, {Name: "reason"}}

// actIn returns the last part of the path, which names the act.
func actIn(c echo.Context) string { return path.Base(c.Path()) }

// needReason are the acts that need a reason.
var needReason = []string{"suspend", "end-sessions", "reset", "remove-factor"}

// requireReason returns a problem at "why" if the act needs a reason and the form has none.
func requireReason(c echo.Context, form url.Values) error {
	if slices.Contains(needReason, actIn(c)) && strings.TrimSpace(form.Get("why")) == "" {
		return problem.OnField("why", "Enter a reason. It is kept in the audit log.")
	}
	return nil
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
	err = requireReason(c, form)
	var secret models.Secret
	if err == nil {
		_, secret, err = p.Accounts.NewResetLink(c.Request().Context(), gate.Actor(c), c.Param("username"), form.Get("why"))
	}
	if err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showUser(c, status, userPage{Form: userForm{Act: actIn(c), Why: form.Get("why")}, Problems: problems})
		})
	}
	return p.showUser(c, http.StatusCreated, userPage{ResetLink: p.Options.PublicURL + "/reset/" + secret.Reveal()})
}
