package models

import "time"

// A TOTPFactor makes codes of six digits that a user types besides their
// password (RFC 6238).
type TOTPFactor struct {
	UserID      UserID
	Sealed      []byte     // the secret, sealed with the site key
	Step        int64      // of the last code that was taken: none up to it is taken again
	CreatedAt   time.Time  //
	ConfirmedAt *time.Time // nil: it is being set up
}

// A SecondFactor is what a user has besides their password.
type SecondFactor struct {
	Since *time.Time // since when codes are wanted; nil: they are not
	Begun bool       // it is being set up
	Codes int        // recovery codes that are left

	Passkeys []Passkey // newest first
}

// Has reports whether a second factor is wanted of them.
func (f SecondFactor) Has() bool { return f.Since != nil || len(f.Passkeys) > 0 }

// A Passkey is a key pair whose private half an authenticator of the user keeps
// (WebAuthn). It asks who they are before it signs, so it is two factors.
type Passkey struct {
	ID           PasskeyID `gorm:"primaryKey"`
	UserID       UserID
	CredentialID string // in base64url, as the authenticator named it; unique
	Name         string
	Record       []byte // the public key and what was said of it, in JSON
	SignCount    int64  // the highest count of uses that the authenticator told
	CreatedAt    time.Time
	LastUsedAt   *time.Time // nil: never
}

// A PasskeyChallenge is what an authenticator was asked to sign.
type PasskeyChallenge struct {
	Hash      SecretHash `gorm:"primaryKey"`
	AskedFor  string     // the act, and the session or log-in it belongs to
	State     []byte     // how the answer is judged, in JSON
	ExpiresAt time.Time
}
