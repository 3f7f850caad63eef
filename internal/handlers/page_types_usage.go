package handlers

// settingsUsagePage is the page "settings_usage". It has no form.
type settingsUsagePage struct {
	page
	Used     int64 // bytes that count against the quota
	Quota    int64
	Limits   uploadLimits
	MaxSide  int // of a picture, in pixels
	Sections []usageSection
}

// usageSection is rules of the policy that belong together.
type usageSection struct {
	Name  string // to point at
	Title string
	Rules []usageRule
}

// usageRule is one rule of the policy, with a bar for each of its rates.
type usageRule struct {
	Says string
	Bars []usageBar
}

// usageBar is how much of one rate is used.
type usageBar struct {
	Percent int64
	Text    string // "12 of 100 in a minute"
	More    string // when there is more; empty: all is there
}
