package models

import "time"

// An Identity is what a provider of OpenID Connect says of somebody, judged to
// be its word.
type Identity struct {
	Issuer   string
	Subject  string // who it is, there, for ever
	Email    string // as it was sent; may be empty
	Verified bool   // the provider knows that the address is theirs
	Username string // what they go by there; may be empty
	Role     Role   // of their groups; empty: the provider has no say in it
}

// A Link is an account that its user can enter by an identity at a provider.
type Link struct {
	Issuer     string
	Subject    string
	CreatedAt  time.Time
	LastUsedAt *time.Time // nil: never
}
