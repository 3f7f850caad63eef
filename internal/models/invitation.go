package models

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/problem"
)

// A Registering says who can create an account.
type Registering string

// The registration modes.
const (
	RegisterOpen       Registering = "open"       // anyone
	RegisterInvitation Registering = "invitation" // holders of an invitation
	RegisterClosed     Registering = "closed"     // nobody
)

// An Invitation lets its holder create one account.
type Invitation struct {
	ID        string
	Hash      SecretHash
	Role      Role // role of the new user; never RoleAdmin
	Tier      Tier
	Email     Email  // the only address that can use it; empty: any
	Note      string // for other admins
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	UsedBy    Username // empty: unused, or that user has left
}

// An InvitationInput is the form in which an admin creates an invitation.
type InvitationInput struct{ Role, Tier, Days, Email, Note string }

const (
	maxInvitationDays = 30
	maxInvitationNote = 200 // characters
)

// NewInvitation returns the invitation that in describes, created at now, and
// its secret, or Invalid problems at the fields "role", "tier", "days", "email"
// and "note".
func NewInvitation(in InvitationInput, now time.Time) (Invitation, Secret, []error) {
	secret := NewSecret()
	i := Invitation{ID: rand.Text(), Hash: secret.Hash(), Note: normalizeLine(in.Note), CreatedAt: now}
	var errs []error
	var err error
	if i.Role, err = ParseRole(in.Role); err != nil || i.Role == RoleAdmin {
		errs = append(errs, problem.OnField("role", "Choose user or moderator. To create an admin, promote an existing user."))
	}
	if i.Tier, err = ParseTier(in.Tier); err != nil {
		errs = append(errs, err)
	}
	days, err := strconv.Atoi(strings.TrimSpace(in.Days))
	if err != nil || days < 1 || days > maxInvitationDays {
		errs = append(errs, problem.OnField("days", "Choose from 1 to %d days.", maxInvitationDays))
	}
	i.ExpiresAt = now.Add(time.Duration(days) * 24 * time.Hour)
	if strings.TrimSpace(in.Email) != "" {
		if i.Email, err = ParseEmail(in.Email); err != nil {
			errs = append(errs, err)
		}
	}
	if utf8.RuneCountInString(i.Note) > maxInvitationNote || i.Note != "" && !isLine(i.Note) {
		errs = append(errs, problem.OnField("note", "Enter one line of up to %d characters.", maxInvitationNote))
	}
	return i, secret, errs
}

// Within reports whether e belongs to one of the domains, or whether domains is
// empty. Case is ignored (RFC 1035, 2.3.3); a subdomain is a different domain.
func (e Email) Within(domains []string) bool {
	domain := string(e)[strings.LastIndexByte(string(e), '@')+1:]
	return len(domains) == 0 || slices.ContainsFunc(domains, func(one string) bool { return strings.EqualFold(one, domain) })
}
