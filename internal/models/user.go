package models

import (
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A Role says what a user may do to what is not theirs.
type Role string

// The roles, weakest first.
const (
	RoleUser      Role = "user"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// Roles lists every role, weakest first.
func Roles() []Role { return []Role{RoleUser, RoleModerator, RoleAdmin} }

// ParseRole returns the role of that name, or a problem at the field "role".
func ParseRole(s string) (Role, error) {
	if r := Role(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", problem.OnField("role", "The role is user, moderator or admin.")
}

// AtLeast reports whether r may do all that other may. What is no role may
// nothing.
func (r Role) AtLeast(other Role) bool {
	return slices.Contains(Roles(), r) && slices.Index(Roles(), r) >= slices.Index(Roles(), other)
}

// A Tier says how much of everything a user gets.
type Tier string

// The tiers, smallest first.
const (
	TierFree    Tier = "free"
	TierPro     Tier = "pro"
	TierPremium Tier = "premium"
)

// Tiers lists every tier, smallest first.
func Tiers() []Tier { return []Tier{TierFree, TierPro, TierPremium} }

// ParseTier returns the tier of that name.
func ParseTier(s string) (Tier, error) {
	if t := Tier(strings.ToLower(strings.TrimSpace(s))); slices.Contains(Tiers(), t) {
		return t, nil
	}
	return "", problem.OnField("tier", "The tier is free, pro or premium.")
}

// A User is someone with an account.
type User struct {
	ID           UserID `gorm:"primaryKey"`
	Username     Username
	UsernameKey  string // the username without case; unique
	Email        Email
	PasswordHash string // argon2id in PHC form; never leaves the server
	Role         Role
	Tier         Tier
	Phone        Phone
	Website      WebsiteURL
	Bio          Bio
	Avatar       BlobKey // empty: no picture
	AvatarType   string  // media type of the avatar
	StorageUsed  int64   // bytes of all files that count against the quota
	CreatedAt    time.Time
	UpdatedAt    time.Time

	SuspendedAt     *time.Time // set: they may not come in by any way
	EmailVerifiedAt *time.Time // when they proved that Email is theirs; nil: not yet
	DeletionAt      *time.Time // set: they asked to be deleted, and are after this

	NoPassword bool       // nobody knows it: they came by a provider, and have set none since
	UnlinkedAt *time.Time // when they last took a link to a provider away: none is made by an address alone since

	Quota *int64 // bytes they may store, whatever their tier; nil: what it says

	HasFactor bool `gorm:"-"` // a second one is wanted of them; known of who makes a request
	HasUnread bool `gorm:"-"` // there are notices they have not read; known of who comes with a session
}

// SignedIn reports whether u is somebody: the zero User is a guest.
func (u User) SignedIn() bool { return u.ID != "" }

// Shown reports whether others see u, and what u shares: not while they are kept
// out or about to leave.
func (u User) Shown() bool { return u.SuspendedAt == nil && u.DeletionAt == nil }

// IsAdmin reports whether u may use all of the admin panel.
func (u User) IsAdmin() bool { return u.Role == RoleAdmin }

// Moderates reports whether u may judge what others report.
func (u User) Moderates() bool { return u.Role.AtLeast(RoleModerator) }

// A Session is one browser that has logged in. Its cookie holds the secret; the
// row holds the hash.
type Session struct {
	Hash       SecretHash `gorm:"primaryKey"`
	UserID     UserID
	UserAgent  string
	Address    string // the prefix it was opened from; may be empty
	CreatedAt  time.Time
	LastSeenAt time.Time // written at most once a minute
	ExpiresAt  time.Time // the absolute end, whatever is done with it

	ConfirmedAt time.Time // when its user last proved to be there
}

// An APIToken lets a program act as its user.
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

// Expired reports whether t has come to its end by now.
func (t APIToken) Expired(now time.Time) bool { return t.ExpiresAt != nil && !t.ExpiresAt.After(now) }

// Ends reports whether t comes to its end within a day of now, so that whoever
// depends on it should be told.
func (t APIToken) Ends(now time.Time) bool {
	return !t.Expired(now) && t.Expired(now.Add(24*time.Hour))
}

// A SetupLink lets its holder create the first admin, once.
type SetupLink struct {
	Hash      SecretHash `gorm:"primaryKey"`
	CreatedAt time.Time
	ExpiresAt time.Time
}
