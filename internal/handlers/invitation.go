package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

const invitationsPerPage = 50

// inviteForm handles GET /invite/:secret.
func (s *Server) inviteForm(c echo.Context) error {
	return s.showInvite(c, http.StatusOK, accountForm{}, nil)
}

func (s *Server) showInvite(c echo.Context, status int, form accountForm, problems Problems) error {
	i, err := s.Accounts.Invitation(c.Request().Context(), models.Secret(c.Param("secret")))
	if err != nil {
		return err
	}
	if form.Email == "" {
		form.Email = string(i.Email)
	}
	return s.show(c, status, "register", registerPage{s.guestPage(c, "You're invited"), form, problems})
}

// inviteSend handles POST /invite/:secret.
func (s *Server) inviteSend(c echo.Context) error {
	in, err := registration(c)
	if err != nil {
		return err
	}
	_, secret, err := s.Accounts.RegisterInvited(c.Request().Context(), models.Secret(c.Param("secret")), in, client(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showInvite(c, status, accountForm{in.Username, in.Email}, problems)
		})
	}
	s.setSession(c, secret)
	return c.Redirect(http.StatusSeeOther, "/?notice=welcome")
}

// adminInvitations handles GET /admin/invitations.
func (s *Server) adminInvitations(c echo.Context) error {
	return s.showInvitations(c, http.StatusOK, adminInvitationsPage{Form: models.InvitationIncoming{Role: "user", Tier: "free", Days: "7"}})
}

func (s *Server) showInvitations(c echo.Context, status int, data adminInvitationsPage) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	list, err := s.Accounts.Invitations(c.Request().Context(), before, invitationsPerPage)
	if err != nil {
		return err
	}
	data.page, data.Now = s.page(c, "Invitations"), s.Now()
	data.Invitations = list.Items
	if !list.Next.IsZero() {
		data.Older = "/admin/invitations?before=" + list.Next.String()
	}
	return s.show(c, status, "admin_invitations", data)
}

// adminInvitationCreate handles POST /admin/invitations. The answer is the one
// page that ever shows the link.
func (s *Server) adminInvitationCreate(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	in := models.InvitationIncoming{Role: form.Get("role"), Tier: form.Get("tier"), Days: form.Get("days"), Email: form.Get("email"), Note: form.Get("note")}
	_, secret, err := s.Accounts.Invite(c.Request().Context(), actor(c), in)
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showInvitations(c, status, adminInvitationsPage{Form: in, Problems: problems})
		})
	}
	in.Email, in.Note = "", ""
	return s.showInvitations(c, http.StatusCreated, adminInvitationsPage{Form: in, Link: s.Settings.PublicURL + "/invite/" + secret.Reveal()})
}

// adminInvitationRevoke handles POST /admin/invitations/:id/revoke.
func (s *Server) adminInvitationRevoke(c echo.Context) error {
	if err := s.Accounts.Uninvite(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/invitations?notice=revoked")
}
