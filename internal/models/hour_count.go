package models

import "time"

// A CountKind says what is counted by the hour.
type CountKind string

// The kinds.
const (
	CountErrors CountKind = "errors" // answers with a status of 500 or more
	CountLimits CountKind = "limits" // answers with the status 429
)

// An HourCount is how often something happened in an hour, on all nodes
// together. It names nobody.
type HourCount struct {
	Hour time.Time // its beginning
	Kind CountKind
	N    int64
}

// ExpireHourCounts removes the counts of hours long ago.
type ExpireHourCounts struct{}

// Kind implements Job.
func (ExpireHourCounts) Kind() string { return "hour_count.expire" }
