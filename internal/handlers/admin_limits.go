package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// limitGroups is the order in which the panel shows what is limited.
var limitGroups = append([]struct {
	Name, Title string
	Acts        []limits.Act
}{
	{"doors", "Ways in", []limits.Act{limits.Login, limits.LoginAccount, limits.Register, limits.Reset, limits.Setup, limits.Unlock, limits.Browser}},
}, usageGroups...)

// adminLimits handles GET /admin/limits.
func (s *Server) adminLimits(c echo.Context) error {
	data := adminLimitsPage{page: s.page(c, "Limits")}
	policy := s.Limits.Current()
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
		cells = append(cells, limitCell{
			Class: class, Written: rule.Written(class), Says: inPlainWords(rule, class), From: s.Limits.Source(rule.Act, class),
		})
	}
	return cells
}

// inPlainWords says rates as people do: "5 a second, 100 a minute".
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
	return s.showLimit(c, http.StatusOK, adminLimitPage{})
}

// showLimit shows the form for one act, with what was typed where it comes back.
func (s *Server) showLimit(c echo.Context, status int, data adminLimitPage) error {
	rule, ok := s.Limits.Current().Rule(limits.Act(c.Param("act")))
	if !ok {
		return problem.New(problem.NotFound, "There is no such limit.")
	}
	data.page, data.Rule = s.page(c, rule.Says), rule
	usual, _ := s.Limits.Policy.Rule(rule.Act)
	for _, cell := range s.limitCells(rule) {
		field := limitField{limitCell: cell, Usual: usual.Written(cell.Class), Typed: cell.Written}
		if typed, ok := data.Typed[cell.Class]; ok {
			field.Typed = typed
		}
		data.Fields = append(data.Fields, field)
	}
	return s.show(c, status, "admin_limit", data)
}

// adminLimitSend handles POST /admin/limits/:act: the form is looked at first,
// and holds once it is sent again to do so.
func (s *Server) adminLimitSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	act := limits.Act(c.Param("act"))
	rule, ok := s.Limits.Current().Rule(act)
	if !ok {
		return problem.New(problem.NotFound, "There is no such limit.")
	}
	typed := map[limits.Class]string{}
	for _, class := range limits.ClassesOf(rule) {
		if s.Limits.Policy.Names(act, class) {
			continue
		}
		if values, sent := form[string(class)]; sent && form.Get("do") != "defaults" {
			typed[class] = values[0]
		} else if form.Get("do") == "defaults" {
			typed[class] = ""
		}
	}
	if form.Get("do") == "preview" {
		return s.previewLimit(c, act, typed)
	}
	if err := s.LimitEdits.Save(c.Request().Context(), actor(c), act, typed); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLimit(c, status, adminLimitPage{Typed: typed, Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, "/admin/limits/"+string(act)+"?notice=saved")
}

// previewLimit shows what the form would do.
func (s *Server) previewLimit(c echo.Context, act limits.Act, typed map[limits.Class]string) error {
	found, err := s.LimitEdits.Preview(act, typed)
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showLimit(c, status, adminLimitPage{Typed: typed, Problems: problems})
		})
	}
	data := adminLimitPage{Typed: typed, Previewed: true}
	for _, d := range found {
		if d.Changes() {
			data.Effects = append(data.Effects, effectOf(d))
		}
	}
	return s.showLimit(c, http.StatusOK, data)
}

func effectOf(d limits.Difference) limitEffect {
	e := limitEffect{Class: d.Class, Before: inPlainWords(d.Before, d.Class), After: inPlainWords(d.After, d.Class)}
	before, after := d.Before.InADay(d.Class), d.After.InADay(d.Class)
	amount := func(n int64) string { return count(int(n), "time", "times") }
	if d.Before.Unit == limits.Bytes {
		amount = size
	}
	e.Most = amount(before) + " to " + amount(after) + " in a whole day"
	if before == 0 {
		before, after = d.Before.Rates[d.Class][0].Limit, d.After.Rates[d.Class][0].Limit
		e.Most = strconv.FormatInt(before, 10) + " to " + strconv.FormatInt(after, 10) + " at once"
	}
	switch {
	case after < before:
		e.Verdict = "tighter"
	case after > before:
		e.Verdict = "wider"
	default:
		e.Verdict = "spread otherwise"
	}
	return e
}
