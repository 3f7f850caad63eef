package models

import "time"

// A TOTPFactor is the shared secret from which an authenticator app derives
// six-digit codes (RFC 6238).
type TOTPFactor struct {
	UserID      UserID
	Sealed      []byte // the secret, encrypted with the site key
	Step        int64  // time step of the last accepted code; codes up to it are rejected
	CreatedAt   time.Time
	ConfirmedAt *time.Time // nil: set-up is not complete
}

// A SecondFactor describes the two-factor authentication of a user.
type SecondFactor struct {
	Since *time.Time // when TOTP was enabled; nil: it is not
	Begun bool       // TOTP set-up was started but not completed
	Codes int        // unused recovery codes

	Passkeys []Passkey // newest first
}

// Has reports whether a log-in requires a second factor.
func (f SecondFactor) Has() bool { return f.Since != nil || len(f.Passkeys) > 0 }

// A Passkey is a WebAuthn credential. The authenticator verifies its user before
// it signs, so a passkey counts as two factors.
type Passkey struct {
	ID           PasskeyID `gorm:"primaryKey"`
	UserID       UserID
	CredentialID string // base64url, chosen by the authenticator; unique
	Name         string
	Record       []byte // the public key and its metadata, in JSON
	SignCount    int64  // highest signature counter that the authenticator has reported
	CreatedAt    time.Time
	LastUsedAt   *time.Time // nil: never
}

// A PasskeyChallenge is a pending WebAuthn ceremony.
type PasskeyChallenge struct {
	Hash      SecretHash `gorm:"primaryKey"`
	AskedFor  string     // the action, and the session or log-in that it belongs to
	State     []byte     // the parameters for verifying the response, in JSON
	ExpiresAt time.Time
}
