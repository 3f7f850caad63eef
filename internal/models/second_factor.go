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
}
