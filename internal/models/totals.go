package models

import "time"

// Totals is how much there is on the site.
type Totals struct {
	Users, Suspended, Admins int64
	Posts                    int64 // that are not deleted
	Comments, Files          int64
	Bytes                    int64 // that count against quotas
}

// A DayCount is how much came on a day, in UTC.
type DayCount struct {
	Day   time.Time // its beginning
	N     int64
	Bytes int64 // of files; else 0
}
