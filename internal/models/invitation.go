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

// A Registering says who may become a user.
type Registering string

// Who may.
const (
	RegisterOpen       Registering = "open"       // everybody
	RegisterInvitation Registering = "invitation" // whoever has an invitation
	RegisterClosed     Registering = "closed"     // nobody
)

// An Invitation lets its holder become a user, once.
type Invitation struct {
	ID        string
	Hash      SecretHash
	Role      Role // of who comes by it; never RoleAdmin
	Tier      Tier
	Email     Email  // whom it is for; empty: anybody
	Note      string // for other admins
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	UsedBy    Username // empty: nobody yet, or somebody who has left
}

// An InvitationIncoming is what an admin typed to make one.
type InvitationIncoming struct{ Role, Tier, Days, Email, Note string }

const (
	maxInvitationDays = 30
	maxInvitationNote = 200 // characters
)

// NewInvitation returns the invitation that in describes, made now, with its
// secret, or problems at the fields "role", "tier", "days", "email" and "note".
func NewInvitation(in InvitationIncoming, now time.Time) (Invitation, Secret, []error) {
	secret := NewSecret()
	i := Invitation{ID: rand.Text(), Hash: secret.Hash(), Note: strings.TrimSpace(in.Note), CreatedAt: now}
	var errs []error
	var err error
	if i.Role, err = ParseRole(in.Role); err != nil || i.Role == RoleAdmin {
		errs = append(errs, problem.OnField("role", "An invitation makes a user or a moderator, and never an admin."))
	}
	if i.Tier, err = ParseTier(in.Tier); err != nil {
		errs = append(errs, err)
	}
	days, err := strconv.Atoi(strings.TrimSpace(in.Days))
	if err != nil || days < 1 || days > maxInvitationDays {
		errs = append(errs, problem.OnField("days", "An invitation is good for 1 to %d days.", maxInvitationDays))
	}
	i.ExpiresAt = now.Add(time.Duration(days) * 24 * time.Hour)
	if strings.TrimSpace(in.Email) != "" {
		if i.Email, err = ParseEmail(in.Email); err != nil {
			errs = append(errs, err)
		}
	}
	if utf8.RuneCountInString(i.Note) > maxInvitationNote || i.Note != "" && !isLine(i.Note) {
		errs = append(errs, problem.OnField("note", "A note is one line of at most %d characters.", maxInvitationNote))
	}
	return i, secret, errs
}

// Within reports whether e is at one of the domains, or whether there are none
// to be at. Case does not matter (RFC 1035, 2.3.3), and a subdomain is another.
func (e Email) Within(domains []string) bool {
	domain := string(e)[strings.LastIndexByte(string(e), '@')+1:]
	return len(domains) == 0 || slices.ContainsFunc(domains, func(one string) bool { return strings.EqualFold(one, domain) })
}
