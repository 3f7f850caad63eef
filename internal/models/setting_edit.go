package models

import "time"

// A SettingEdit is a setting that an admin has changed.
type SettingEdit struct {
	Name      string // name of the environment variable: "REGISTRATION"
	Value     string // in the notation of the environment; empty in a change: reset to the default
	UpdatedAt time.Time
}

// A TierCount is the number of users in a tier, and how a new quota affects them.
type TierCount struct {
	Users      int
	OwnQuota   int // users with a quota of their own
	OverBefore int // other users who store more than the old quota
	OverAfter  int // other users who store more than the new quota
}
