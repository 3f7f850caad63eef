package handlers

import "example.org/cloakroom/internal/models"

// auditForm says which events are wanted.
type auditForm struct {
	Actor   string // a username
	Action  string
	User    string // the username of whom it was about
	Outcome string
}

// adminAuditPage is the page "admin_audit". Its form is sent by GET and has the
// fields actor, action, user and outcome.
type adminAuditPage struct {
	page
	Form     auditForm
	Events   []models.AuditView
	Older    string // address of the next stretch of the list; empty: its end
	Problems Problems
}
