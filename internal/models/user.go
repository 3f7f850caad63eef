package models

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A Role says what a user can do with content and accounts of others.
type Role string

// The roles, weakest first.
const (
	RoleUser      Role = "user"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// Roles returns every role, weakest first.
func Roles() []Role { return []Role{RoleUser, RoleModerator, RoleAdmin} }

// ParseRole returns the role named s, or an Invalid problem at the field "role".
func ParseRole(s string) (Role, error) {
	if r := Role(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", problem.OnField("role", "Choose user, moderator or admin.")
}

// AtLeast reports whether r includes the rights of other. An unknown role has no
// rights.
func (r Role) AtLeast(other Role) bool {
	return slices.Contains(Roles(), r) && slices.Index(Roles(), r) >= slices.Index(Roles(), other)
}

// A Tier selects the limits and quota of a user.
type Tier string

// The tiers, smallest first.
const (
	TierFree    Tier = "free"
	TierPro     Tier = "pro"
	TierPremium Tier = "premium"
)

// Tiers returns every tier, smallest first.
func Tiers() []Tier { return []Tier{TierFree, TierPro, TierPremium} }

// ParseTier returns the tier named s, or an Invalid problem at the field "tier".
func ParseTier(s string) (Tier, error) {
	if t := Tier(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Tiers(), t) {
		return t, nil
	}
	return "", problem.OnField("tier", "Choose free, pro or premium.")
}

// A User is an account.
type User struct {
	ID           UserID `gorm:"primaryKey"`
	Username     Username
	UsernameKey  string // the username in lower case; unique
	Email        Email
	PasswordHash string // argon2id in PHC format; never leaves the server
	Role         Role
	Tier         Tier
	Phone        Phone
	Website      WebsiteURL
	Bio          Bio
	Avatar       BlobKey // empty: no image
	AvatarType   string  // media type of the avatar
	StorageUsed  int64   // size of all files that count against the quota, in bytes
	CreatedAt    time.Time
	UpdatedAt    time.Time

	SuspendedAt     *time.Time // set: cannot sign in or use API tokens
	EmailVerifiedAt *time.Time // when the user verified Email; nil: not verified
	DeletionAt      *time.Time // set: the user asked to be deleted, which happens after this time

	NoPassword bool       // true: the account came from an identity provider and has never set a password
	UnlinkedAt *time.Time // last unlinking of a provider; since then none is linked by email address alone

	LastVisibility Visibility // what the user chose last in the form for a post; empty: nothing yet

	Quota *int64 // storage in bytes, whatever the tier; nil: the tier's quota

	HasFactor bool `gorm:"-"` // two-factor authentication is on; set only for the user of a request
	Unread    int  `gorm:"-"` // unread notifications, up to MaxUnread; set only for the user of a session
}

// MaxUnread is up to how many unread notifications are counted.
const MaxUnread = 100

// UnreadText returns the number of unread notifications as people read it, or "".
func (u User) UnreadText() string {
	switch {
	case u.Unread == 0:
		return ""
	case u.Unread >= MaxUnread:
		return "99+"
	}
	return strconv.Itoa(u.Unread)
}

// SignedIn reports whether u is a user: the zero User is a guest.
func (u User) SignedIn() bool { return u.ID != "" }

// Shown reports whether others can see u and the content of u. They cannot while
// u is suspended or waiting for deletion.
func (u User) Shown() bool { return u.SuspendedAt == nil && u.DeletionAt == nil }

// IsAdmin reports whether u can use the whole admin panel.
func (u User) IsAdmin() bool { return u.Role == RoleAdmin }

// Moderates reports whether u can decide reports.
func (u User) Moderates() bool { return u.Role.AtLeast(RoleModerator) }

// A Session is one signed-in browser. Its cookie holds the secret; the row holds
// the hash.
type Session struct {
	Hash       SecretHash `gorm:"primaryKey"` // of its secret, which is renewed when the user authenticates again
	FirstHash  SecretHash // of the secret that it began with
	UserID     UserID
	UserAgent  string
	Address    string // network from which it was opened; may be empty
	CreatedAt  time.Time
	LastSeenAt time.Time // written at most once a minute
	ExpiresAt  time.Time // absolute expiry, whatever the activity

	ConfirmedAt time.Time // last time that its user re-authenticated
}

// An APIToken lets a program act for its user.
type APIToken struct {
	ID         TokenID `gorm:"primaryKey"`
	UserID     UserID
	Name       string
	Hash       SecretHash // unique
	Scopes     Scopes
	CreatedAt  time.Time
	LastUsedAt *time.Time // nil: never; written at most once a minute
	ExpiresAt  *time.Time // nil: never
}

// Expired reports whether t has expired at now.
func (t APIToken) Expired(now time.Time) bool { return t.ExpiresAt != nil && !t.ExpiresAt.After(now) }

// ExpiresSoon reports whether t is valid at now but expires within a day, so that its
// user can be warned.
func (t APIToken) ExpiresSoon(now time.Time) bool {
	return !t.Expired(now) && t.Expired(now.Add(24*time.Hour))
}

// A SetupLink lets its holder create the first admin. It is single-use.
type SetupLink struct {
	Hash      SecretHash `gorm:"primaryKey"`
	CreatedAt time.Time
	ExpiresAt time.Time
}
