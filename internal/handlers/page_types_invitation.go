package handlers

import (
	"time"

	"example.org/cloakroom/internal/models"
)

// adminInvitationsPage is the page "admin_invitations". Its fields are role,
// tier, days, email and note.
type adminInvitationsPage struct {
	page
	Invitations []models.Invitation
	Older       string // address of the next stretch of the list; empty: its end
	Link        string // of a new one: shown this once
	Now         time.Time
	Form        models.InvitationIncoming
	Problems    Problems
}
