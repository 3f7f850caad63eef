package models

import "time"

// A CountKind names an event that is counted per hour.
type CountKind string

// The kinds.
const (
	CountErrors CountKind = "errors" // responses with status 500 or above
	CountLimits CountKind = "limits" // responses with status 429
)

// An HourCount is the number of events of one kind in one hour, over all nodes.
// It identifies no user.
type HourCount struct {
	Hour time.Time // start of the hour
	Kind CountKind
	N    int64
}

// ExpireHourCounts removes counts that are older than the retention period, and counts the
// totals of a large site.
type ExpireHourCounts struct{}

// Kind implements Job.
func (ExpireHourCounts) Kind() string { return "hour_count.expire" }
