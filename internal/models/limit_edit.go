package models

import "time"

// A LimitEdit is what an admin changed in the policy of limits.
type LimitEdit struct {
	Entry     string // as LIMITS names it: "upload.free"
	Value     string // its rates; empty in a change: the default again
	UpdatedAt time.Time
}
