package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// limitGroups is the order in which the panel shows what is limited.
var limitGroups = append([]struct {
	Name, Title string
	Acts        []limits.Act
}{
	{"access", "Sign-in and sign-up", []limits.Act{limits.Login, limits.LoginAccount, limits.Register, limits.Reset, limits.Setup, limits.Browser, limits.BrowserAll}},
}, usageGroups...)

// adminLimits handles GET /admin/limits.
func (s *Server) adminLimits(c echo.Context) error {
	data := adminLimitsPage{page: s.page(c, "Limits")}
	policy := s.SettingEdits.Current().Policy
	for _, group := range limitGroups {
		section := limitSection{Name: group.Name, Title: group.Title}
		for _, act := range group.Acts {
			if rule, ok := policy.Rule(act); ok {
				section.Rows = append(section.Rows, limitRow{Rule: rule, Cells: s.limitCells(rule)})
			}
		}
		data.Sections = append(data.Sections, section)
	}
	return s.show(c, http.StatusOK, "admin_limits", data)
}

// limitCells returns the rates of each class that has its own.
func (s *Server) limitCells(rule limits.Rule) (cells []limitCell) {
	for _, class := range limits.ClassesOf(rule) {
		name := settings.LimitName(rule, class)
		cells = append(cells, limitCell{
			Class: class, Written: rule.Written(class), Says: inPlainWords(rule, class), From: s.SettingEdits.Source(name),
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
			text += size(rate.Limit) + " " + aPeriod(rate.Period)
		case limits.Times:
			text += strconv.FormatInt(rate.Limit, 10) + " " + aPeriod(rate.Period)
		}
	}
	return text
}

// adminLimit handles GET /admin/limits/:act.
func (s *Server) adminLimit(c echo.Context) error {
	rule, err := s.limitParam(c)
	if err != nil {
		return err
	}
	return s.showLimit(c, http.StatusOK, adminLimitPage{Rule: rule})
}

// limitParam returns the rule that the address names.
func (s *Server) limitParam(c echo.Context) (limits.Rule, error) {
	rule, ok := s.SettingEdits.Current().Policy.Rule(limits.Act(c.Param("act")))
	if !ok {
		return rule, problem.New(problem.NotFound, "There is no such limit.")
	}
	return rule, nil
}

// showLimit shows the form for one act, with what was typed.
func (s *Server) showLimit(c echo.Context, status int, data adminLimitPage) error {
	data.page = s.page(c, data.Rule.Says)
	for _, cell := range s.limitCells(data.Rule) {
		name := settings.LimitName(data.Rule, cell.Class)
		field := limitField{limitCell: cell, Field: settings.Field(name), Usual: s.SettingEdits.Base.Text(name), Typed: cell.Written}
		if typed, ok := data.Typed[name]; ok {
			field.Typed = typed
		}
		data.Fields = append(data.Fields, field)
	}
	return s.show(c, status, "admin_limit", data)
}

// adminLimitSend handles POST /admin/limits/:act, which previews or saves.
func (s *Server) adminLimitSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	rule, err := s.limitParam(c)
	if err != nil {
		return err
	}
	var names []string
	for _, class := range limits.ClassesOf(rule) {
		names = append(names, settings.LimitName(rule, class))
	}
	data := adminLimitPage{Rule: rule, Typed: s.typedSettings(form, names)}
	if form.Get("do") == "preview" {
		_, after, err := s.SettingEdits.Preview(c.Request().Context(), actor(c), data.Typed)
		if err != nil {
			return s.limitProblem(c, data, err)
		}
		then, _ := after.Policy.Rule(rule.Act)
		data.Previewed, data.Effects = true, limitEffects(rule, then)
		return s.showLimit(c, http.StatusOK, data)
	}
	if err := s.SettingEdits.Save(c.Request().Context(), actor(c), data.Typed); err != nil {
		return s.limitProblem(c, data, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/limits/"+string(rule.Act)+"?notice=saved")
}

func (s *Server) limitProblem(c echo.Context, data adminLimitPage, err error) error {
	return s.showForm(err, func(status int, problems Problems) error {
		data.Problems = problems
		return s.showLimit(c, status, data)
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
		e.Most = size(before) + " to " + size(after) + " a day"
	default:
		e.Most = strconv.FormatInt(before, 10) + " to " + count(int(after), "time", "times") + " a day"
	}
	if after < before {
		e.Verdict = "stricter"
	} else if after > before {
		e.Verdict = "less strict"
	}
	return e
}
