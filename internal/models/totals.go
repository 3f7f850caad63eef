package models

import "time"

// Totals are the sums shown on the admin overview.
type Totals struct {
	Users, Suspended, Admins int64
	Posts                    int64 // excluding deleted posts
	Comments, Files          int64
	Bytes                    int64 // counted against quotas
}

// A DayCount is the number of new items on one day in UTC.
type DayCount struct {
	Day   time.Time // start of the day
	N     int64
	Bytes int64 // of files; otherwise 0
}
