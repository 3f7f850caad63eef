package models

import "time"

// A LimitEdit is a rate limit that an admin has changed.
type LimitEdit struct {
	Entry     string // in the notation of the variable LIMITS: "upload.free"
	Value     string // its rates; empty in a change: reset to the default
	UpdatedAt time.Time
}
