package handlers

import (
	"time"

	"example.org/cloakroom/internal/models"
)

// userListForm says which users are wanted.
type userListForm struct {
	Q          string // how a username begins, or a whole mail address
	Role, Tier string
	Sort       string
	Suspended  bool
}

// adminUsersPage is the page "admin_users". Its form is sent by GET and has the
// fields q, role, tier, sort and suspended.
type adminUsersPage struct {
	page
	Form     userListForm
	Users    []models.User
	More     string // address of the next stretch of the list; empty: its end
	Problems Problems
}

// adminUserForm is what an admin typed about a user.
type adminUserForm struct {
	Tier, Role, Quota, Why string
	Typed, Reason          string // the username once more, and why the account goes
	AtOnce                 bool
}

// adminUserPage is the page "admin_user". Its forms have the fields tier, role,
// quota and why; that which deletes the account typed, reason and when.
type adminUserPage struct {
	page
	Account   models.User
	Own       bool      // it is the viewer's
	GoneAt    time.Time // if it is deleted now
	Late      bool      // it is about to be deleted, and nobody keeps it any more
	Quota     int64
	Count     models.UserCount
	Factor    models.SecondFactor
	Events    []models.AuditView
	ResetLink string // shown this once
	Form      adminUserForm
	Problems  Problems
}

// Roles and Tiers are what can be chosen.
func (p adminUserPage) Roles() []models.Role { return models.Roles() }

// Tiers lists every tier.
func (p adminUserPage) Tiers() []models.Tier { return models.Tiers() }

// resetPage is the page "reset". Its field is password.
type resetPage struct {
	page
	Username models.Username
	Problems Problems
}
