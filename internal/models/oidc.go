package models

import "time"

// An Identity holds the verified claims of an OpenID Connect provider about a
// user.
type Identity struct {
	Issuer   string
	Subject  string // permanent identifier of the user at Issuer
	Email    string // as received; may be empty
	Verified bool   // the provider has verified Email
	Username string // preferred_username; may be empty
	// AuthenticatedAt is when the user last proved to the provider who they are; zero: the
	// provider does not say.
	AuthenticatedAt time.Time
	Role            Role // derived from the user's groups; empty: the provider does not set roles
}

// A Link connects an account with a provider's identity that can sign in to it.
type LinkedIdentity struct {
	Issuer     string
	Subject    string
	CreatedAt  time.Time
	LastUsedAt *time.Time // nil: never
}
