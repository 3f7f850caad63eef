package panel

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// invitationsPage is the page "admin_invitations". Its fields are role,
// tier, days, email and note.
type invitationsPage struct {
	page.Frame
	Invitations []models.Invitation
	Older       string // URL of the next page of the list; empty: none
	Link        string // of a new invitation, shown once
	Now         time.Time
	Form        models.InvitationInput
	Problems    page.Problems
}

const invitationsPerPage = 50

// InvitationList handles GET /admin/invitations: invitations, newest first,
// with a form for a new one.
func (p *Panel) InvitationList(c echo.Context) error {
	return p.showInvitations(c, http.StatusOK, invitationsPage{Form: models.InvitationInput{Role: "user", Tier: "free", Days: "7"}})
}

func (p *Panel) showInvitations(c echo.Context, status int, data invitationsPage) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	list, err := p.Accounts.Invitations(c.Request().Context(), before, invitationsPerPage)
	if err != nil {
		return err
	}
	data.Frame, data.Now = p.frame(c, "Invitations"), p.Now()
	data.Invitations = list.Items
	if !list.Next.IsZero() {
		data.Older = "/admin/invitations?before=" + list.Next.String()
	}
	return p.Show(c, status, "admin_invitations", data)
}

// InvitationFields are the fields of an invitation that come back when the gate refuses the
// form.
var InvitationFields = []gate.SavedField{{Name: "role"}, {Name: "tier"}, {Name: "days"}, {Name: "email"}, {Name: "note", Label: "Note"}}

// InvitationCreate handles POST /admin/invitations: it creates an invitation.
// The answer shows the link, once.
func (p *Panel) InvitationCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	in := models.InvitationInput{
		Role: form.Get("role"), Tier: form.Get("tier"), Days: form.Get("days"), Email: form.Get("email"), Note: form.Get("note"),
	}
	_, secret, err := p.Accounts.Invite(c.Request().Context(), gate.Actor(c), in)
	if err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showInvitations(c, status, invitationsPage{Form: in, Problems: problems})
		})
	}
	in.Email, in.Note = "", ""
	return p.showInvitations(c, http.StatusCreated, invitationsPage{Form: in, Link: p.Options.PublicURL + "/invite/" + secret.Reveal()})
}

// InvitationRevoke handles POST /admin/invitations/:id/revoke: it revokes an
// invitation.
func (p *Panel) InvitationRevoke(c echo.Context) error {
	if err := p.Accounts.RevokeInvitation(c.Request().Context(), gate.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return p.Tell(c, "/admin/invitations", "revoked")
}
