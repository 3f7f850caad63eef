package models

import "time"

// A SettingEdit is what an admin changed of the settings.
type SettingEdit struct {
	Name      string // of the variable: "REGISTRATION"
	Value     string // as the environment would say it; empty in a change: the default again
	UpdatedAt time.Time
}

// A TierCount is how many users a tier has, and what a quota would be to them.
type TierCount struct {
	Users      int
	OwnQuota   int // of them, those with a quota of their own
	OverBefore int // of the others, those who have stored more than the quota before
	OverAfter  int // and those who have stored more than the one after
}
