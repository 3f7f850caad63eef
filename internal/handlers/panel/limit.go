package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// limitPage is the page "admin_limit". Its fields are named like the classes,
// or like the act if all classes share its rates. The field do is the button:
// preview, save or defaults.
type limitPage struct {
	page.Frame
	Rule      limits.Rule
	Fields    []limitField
	Typed     map[string]string // by setting
	Previewed bool
	Effects   []limitEffect
	Problems  page.Problems
}

// A limitField is the input for the rates of one class.
type limitField struct {
	limitCell
	Field string // its name in the form
	Usual string // the default
	Typed string
}

// LimitEdit handles GET /admin/limits/:act: the form for one rate limit.
func (p *Panel) LimitEdit(c echo.Context) error {
	rule, err := p.limitParam(c)
	if err != nil {
		return err
	}
	return p.showLimit(c, http.StatusOK, limitPage{Rule: rule})
}

// limitParam returns the rule in the path.
func (p *Panel) limitParam(c echo.Context) (limits.Rule, error) {
	rule, ok := p.SettingEdits.Current().Policy.Rule(limits.Act(c.Param("act")))
	if !ok {
		return rule, problem.New(problem.NotFound, "There is no such limit.")
	}
	return rule, nil
}

// showLimit shows the form for one rule, with the values entered so far.
func (p *Panel) showLimit(c echo.Context, status int, data limitPage) error {
	data.Frame = p.frame(c, data.Rule.Says)
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

// LimitUpdate handles POST /admin/limits/:act: it previews or saves new rates.
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
	return p.Tell(c, "/admin/limits/"+string(rule.Act), "saved")
}

func (p *Panel) limitProblem(c echo.Context, data limitPage, err error) error {
	return p.ShowForm(err, func(status int, problems page.Problems) error {
		data.Problems = problems
		return p.showLimit(c, status, data)
	})
}
