package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/settings"
)

// limitsPage is the page "admin_limits". It has no form.
type limitsPage struct {
	page.Frame
	Sections []limitSection
}

// A limitSection is a group of rules.
type limitSection struct {
	Name, Title string
	Rows        []limitRow
}

// A limitRow is a rule with its rates.
type limitRow struct {
	limits.Rule
	Cells []limitCell // one for all, or one for each class
}

// A limitCell is the rates of one class for one act.
type limitCell struct {
	Class   limits.Class
	Written string // in the notation of LIMITS
	Says    string // in words
	From    string // "environment", "changed" (by an admin), or empty: the default
}

// LimitList handles GET /admin/limits: all rate limits.
func (p *Panel) LimitList(c echo.Context) error {
	data := limitsPage{Frame: p.frame(c, "Limits")}
	policy := p.SettingEdits.Current().Policy
	for _, group := range limitGroups {
		section := limitSection{Name: group.Name, Title: group.Title}
		for _, act := range group.Acts {
			if rule, ok := policy.Rule(act); ok {
				section.Rows = append(section.Rows, limitRow{Rule: rule, Cells: p.limitCells(rule)})
			}
		}
		data.Sections = append(data.Sections, section)
	}
	return p.Show(c, http.StatusOK, "admin_limits", data)
}

// limitGroups are the groups of rules, in the order of the page.
var limitGroups = append([]struct {
	Name, Title string
	Acts        []limits.Act
}{
	{"access", "Sign-in and sign-up", []limits.Act{
		limits.Login, limits.LoginAccount, limits.LoginElsewhere, limits.Unlock, limits.ShareMiss, limits.Register, limits.Reset, limits.Setup,
		limits.Stray, limits.Browser, limits.BrowserAll,
	}},
}, gate.UsageGroups...)

// limitCells returns a cell for each class with rates of its own.
func (p *Panel) limitCells(rule limits.Rule) (cells []limitCell) {
	for _, class := range limits.ClassesOf(rule) {
		name := settings.LimitName(rule, class)
		cells = append(cells, limitCell{
			Class: class, Written: rule.Written(class), Says: inPlainWords(rule, class), From: p.SettingEdits.Source(name),
		})
	}
	return cells
}

// inPlainWords describes rates: "5 a second, 100 a minute".
func inPlainWords(rule limits.Rule, class limits.Class) (text string) {
	for i, rate := range rule.Rates[class] {
		if i > 0 {
			text += ", "
		}
		switch rule.Unit {
		case limits.AtOnce:
			text += page.Number(rate.Limit) + " at once"
		case limits.Bytes:
			text += page.Size(rate.Limit) + " " + page.Period(rate.Period)
		case limits.Times:
			text += page.Number(rate.Limit) + " " + page.Period(rate.Period)
		}
	}
	return text
}
