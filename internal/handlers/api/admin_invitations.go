package api

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/models"
)

// An invitationJSON is an invitation, without its link.
type invitationJSON struct {
	ID        string     `json:"id"`
	Role      string     `json:"role"`
	Tier      string     `json:"tier"`
	Email     string     `json:"email"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
	UsedBy    string     `json:"used_by"`
}

// A newInvitationJSON is an invitation that was just created, with its link.
type newInvitationJSON struct {
	invitationJSON
	URL string `json:"url"`
}

// invitationOf returns i without its link.
func invitationOf(i models.Invitation) invitationJSON {
	return invitationJSON{
		ID: i.ID, Role: string(i.Role), Tier: string(i.Tier), Email: string(i.Email), Note: i.Note,
		CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(), UsedAt: inUTC(i.UsedAt), UsedBy: string(i.UsedBy),
	}
}

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

// InvitationCreate handles POST /api/v1/admin/invitations. Only this response has the
// link.
func (a *API) InvitationCreate(c echo.Context) error {
	var role, tier, email, note *string
	var days *int64
	if err := readJSON(c, jsonFields{"role": &role, "tier": &tier, "days": &days, "email": &email, "note": &note}); err != nil {
		return err
	}
	in := models.InvitationInput{Role: valueOr(role, ""), Tier: valueOr(tier, ""), Email: valueOr(email, ""), Note: valueOr(note, "")}
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
