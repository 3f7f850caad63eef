package panel

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// limitCell is the rates of one class for one act.
type limitCell struct {
	Class   limits.Class
	Written string // as LIMITS says them
	Says    string // as people do
	From    string // "environment", "changed" (by an admin), or empty: the default
}

// limitRow is what is limited, and how.
type limitRow struct {
	limits.Rule
	Cells []limitCell // one for all, or one for each class
}

// limitSection is rows that belong together.
type limitSection struct {
	Name, Title string
	Rows        []limitRow
}

// limitsPage is the page "admin_limits". It has no form.
type limitsPage struct {
	page.Frame
	Sections []limitSection
}

// limitField is an input with the rates of one class.
type limitField struct {
	limitCell
	Field string // its name in the form
	Usual string // without any edit
	Typed string
}

// limitEffect is what a change does to one class.
type limitEffect struct {
	Class         limits.Class
	Before, After string
	Most          string // before and after
	Verdict       string // "stricter", "less strict" or "distributed differently"
}

// limitPage is the page "admin_limit". Its fields are named like the classes,
// or like the act where all share its rates; the button that was pressed is "do": preview, save or defaults.
type limitPage struct {
	page.Frame
	Rule      limits.Rule
	Fields    []limitField
	Typed     map[string]string // by setting
	Previewed bool
	Effects   []limitEffect
	Problems  page.Problems
}

// limitGroups is the order in which the panel shows what is limited.
var limitGroups = append([]struct {
	Name, Title string
	Acts        []limits.Act
}{
	{"access", "Sign-in and sign-up", []limits.Act{
		limits.Login, limits.LoginAccount, limits.Register, limits.Reset, limits.Setup, limits.Browser, limits.BrowserAll,
	}},
}, gate.UsageGroups...)

// LimitList handles GET /admin/limits.
func (p *Panel) LimitList(c echo.Context) error {
	data := limitsPage{Frame: p.Frame(c, "Limits")}
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

// limitCells returns the rates of each class that has its own.
func (p *Panel) limitCells(rule limits.Rule) (cells []limitCell) {
	for _, class := range limits.ClassesOf(rule) {
		name := settings.LimitName(rule, class)
		cells = append(cells, limitCell{
			Class: class, Written: rule.Written(class), Says: inPlainWords(rule, class), From: p.SettingEdits.Source(name),
		})
	}
	return cells
}

// inPlainWords writes rates in words: "5 a second, 100 a minute".
func inPlainWords(rule limits.Rule, class limits.Class) (text string) {
	for i, rate := range rule.Rates[class] {
		if i > 0 {
			text += ", "
		}
		switch rule.Unit {
		case limits.AtOnce:
			text += strconv.FormatInt(rate.Limit, 10) + " at once"
		case limits.Bytes:
			text += page.Size(rate.Limit) + " " + page.Period(rate.Period)
		case limits.Times:
			text += strconv.FormatInt(rate.Limit, 10) + " " + page.Period(rate.Period)
		}
	}
	return text
}

// LimitEdit handles GET /admin/limits/:act.
func (p *Panel) LimitEdit(c echo.Context) error {
	rule, err := p.limitParam(c)
	if err != nil {
		return err
	}
	return p.showLimit(c, http.StatusOK, limitPage{Rule: rule})
}

// limitParam returns the rule that the address names.
func (p *Panel) limitParam(c echo.Context) (limits.Rule, error) {
	rule, ok := p.SettingEdits.Current().Policy.Rule(limits.Act(c.Param("act")))
	if !ok {
		return rule, problem.New(problem.NotFound, "There is no such limit.")
	}
	return rule, nil
}

// showLimit shows the form for one act, with what was typed.
func (p *Panel) showLimit(c echo.Context, status int, data limitPage) error {
	data.Frame = p.Frame(c, data.Rule.Says)
	for _, cell := range p.limitCells(data.Rule) {
		name := settings.LimitName(data.Rule, cell.Class)
		field := limitField{limitCell: cell, Field: settings.Field(name), Usual: p.SettingEdits.Base.Text(name), Typed: cell.Written}
		if typed, ok := data.Typed[name]; ok {
			field.Typed = typed
		}
		data.Fields = append(data.Fields, field)
	}
	return p.Show(c, status, "admin_limit", data)
}

// LimitUpdate handles POST /admin/limits/:act, which previews or saves.
func (p *Panel) LimitUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	rule, err := p.limitParam(c)
	if err != nil {
		return err
	}
	var names []string
	for _, class := range limits.ClassesOf(rule) {
		names = append(names, settings.LimitName(rule, class))
	}
	data := limitPage{Rule: rule, Typed: p.typedSettings(form, names)}
	if form.Get("do") == "preview" {
		_, after, err := p.SettingEdits.Preview(c.Request().Context(), gate.Actor(c), data.Typed)
		if err != nil {
			return p.limitProblem(c, data, err)
		}
		then, _ := after.Policy.Rule(rule.Act)
		data.Previewed, data.Effects = true, limitEffects(rule, then)
		return p.showLimit(c, http.StatusOK, data)
	}
	if err := p.SettingEdits.Save(c.Request().Context(), gate.Actor(c), data.Typed); err != nil {
		return p.limitProblem(c, data, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/limits/"+string(rule.Act)+"?notice=saved")
}

func (p *Panel) limitProblem(c echo.Context, data limitPage, err error) error {
	return p.ShowForm(err, func(status int, problems page.Problems) error {
		data.Problems = problems
		return p.showLimit(c, status, data)
	})
}

// limitEffects compares the rates of each class before and after a change.
func limitEffects(before, after limits.Rule) (effects []limitEffect) {
	for _, class := range limits.ClassesOf(before) {
		if before.Written(class) != after.Written(class) {
			effects = append(effects, limitEffectOf(before, after, class))
		}
	}
	return effects
}

func limitEffectOf(was, is limits.Rule, class limits.Class) limitEffect {
	e := limitEffect{Class: class, Before: inPlainWords(was, class), After: inPlainWords(is, class), Verdict: "distributed differently"}
	before, after := was.InADay(class), is.InADay(class)
	switch {
	case before == 0:
		before, after = was.Rates[class][0].Limit, is.Rates[class][0].Limit
		e.Most = strconv.FormatInt(before, 10) + " to " + strconv.FormatInt(after, 10) + " at the same time"
	case was.Unit == limits.Bytes:
		e.Most = page.Size(before) + " to " + page.Size(after) + " a day"
	default:
		e.Most = strconv.FormatInt(before, 10) + " to " + page.Count(int(after), "time", "times") + " a day"
	}
	if after < before {
		e.Verdict = "stricter"
	} else if after > before {
		e.Verdict = "less strict"
	}
	return e
}
