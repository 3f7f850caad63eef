package site

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/limits"
)

// settingsUsagePage is the page "settings_usage". It has no form.
type settingsUsagePage struct {
	page.Frame
	Used     int64 // bytes that count against the quota
	Quota    int64
	Limits   page.UploadLimits
	MaxSide  int          // of an image, in pixels
	Near     usageSection // the rules of which half is used, or more
	Sections []usageSection
}

// A usageSection is a group of rules of the policy.
type usageSection struct {
	Name  string // anchor of the section
	Title string
	Rules []usageRule
}

// A usageRule is a rule of the policy, with a bar for each of its rates.
type usageRule struct {
	Says string
	Bars []usageBar
}

// A usageBar shows how much of one rate is used.
type usageBar struct {
	Percent int64
	Text    string // "12 of 100 in a minute"
	More    string // when the rate resets; empty: unused
}

// UsageShow handles GET /settings/usage: how much of their quota and limits the
// user has used.
func (s *Site) UsageShow(c echo.Context) error {
	groups, err := s.UsageOf(c)
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	policy := s.Files.PolicyOf(who)
	data := settingsUsagePage{
		Frame: s.Frame(c, "Usage"), Used: who.StorageUsed, Quota: policy.Storage, Limits: s.UploadLimits(c), MaxSide: policy.Images.MaxSide,
		Near: usageSection{Name: "near", Title: "More than half used"},
	}
	for _, g := range groups {
		section := usageSection{Name: g.Name, Title: g.Title}
		for _, use := range g.Uses {
			rule := usageRule{Says: use.Rule.Says, Bars: barsOf(use)}
			section.Rules = append(section.Rules, rule)
			if slices.ContainsFunc(rule.Bars, func(b usageBar) bool { return b.Percent >= 50 }) {
				data.Near.Rules = append(data.Near.Rules, rule)
			}
		}
		data.Sections = append(data.Sections, section)
	}
	return s.Show(c, http.StatusOK, "settings_usage", data)
}

// barsOf returns a bar for each rate of a rule.
func barsOf(use limits.Use) (bars []usageBar) {
	for _, w := range use.Windows {
		amount := page.Number
		if use.Rule.Unit == limits.Bytes {
			amount = page.Size
		}
		gone := w.Limit - w.Remaining
		bar := usageBar{Percent: page.Percent(gone, w.Limit), Text: amount(gone) + " of " + amount(w.Limit)}
		if use.Rule.Unit == limits.AtOnce {
			bar.Text += " in progress"
		} else {
			bar.Text += " in " + page.Period(w.Period)
		}
		if gone > 0 && w.ResetIn > 0 {
			bar.More = "resets in " + limits.InWords(w.ResetIn)
			if w.ResetIn > w.Period { // requests of the last period count for a part of this one
				bar.More = "resets in more than " + limits.InWords(w.Period)
			}
		}
		bars = append(bars, bar)
	}
	return bars
}
