package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/settings"
)

// A limitJSON is the limit of an act, for each class of visitors.
type limitJSON struct {
	Act    string      `json:"act"`
	Says   string      `json:"says"`
	Counts string      `json:"counts"`
	Rates  []ratesJSON `json:"rates"`
}

// A ratesJSON has the rates of a class, in the syntax of LIMITS. The class guest means
// all classes if they share the rates.
type ratesJSON struct {
	Class string   `json:"class"`
	Rates []string `json:"rates"`
	From  string   `json:"from"` // default, environment or changed
}

// LimitList handles GET /api/v1/admin/limits.
func (a *API) LimitList(c echo.Context) error {
	rules := a.Limits.Current().Rules()
	return sendJSON(c, http.StatusOK, listJSON[limitJSON]{itemsOf(rules, a.limitOf)})
}

// limitOf returns rule with the rates of each class and their source.
func (a *API) limitOf(rule limits.Rule) limitJSON {
	l := limitJSON{Act: string(rule.Act), Says: rule.Says, Counts: string(rule.Unit)}
	for _, class := range limits.ClassesOf(rule) {
		from := a.SettingEdits.Source(settings.LimitName(rule, class))
		if from == "" {
			from = "default"
		}
		l.Rates = append(l.Rates, ratesJSON{Class: string(class), Rates: strings.Split(rule.Written(class), "+"), From: from})
	}
	return l
}
