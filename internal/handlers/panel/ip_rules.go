package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/models"
)

// ipRulesPage is the page "admin_ip_rules". Its fields are prefix, action,
// note and for.
type ipRulesPage struct {
	page.Frame
	Rules    []models.IPRule
	Most     int    // the maximum number of rules
	Own      string // the viewer's address
	Form     iprules.Input
	Problems page.Problems
}

// IPRuleList handles GET /admin/ip-rules: the IP rules, with a form for a new
// one.
func (p *Panel) IPRuleList(c echo.Context) error {
	return p.showIPRules(c, http.StatusOK, iprules.Input{Action: "block", For: "24h"}, nil)
}

func (p *Panel) showIPRules(c echo.Context, status int, form iprules.Input, problems page.Problems) error {
	rules, err := p.IPRules.Rules(c.Request().Context())
	if err != nil {
		return err
	}
	return p.Show(c, status, "admin_ip_rules", ipRulesPage{
		Frame: p.frame(c, "IP rules"), Rules: rules, Most: iprules.MaxRules, Own: gate.Client(c).Address(), Form: form, Problems: problems,
	})
}

// IPRuleFields are the fields of a rule that come back when the gate refuses the form.
var IPRuleFields = []gate.SavedField{{Name: "prefix", Label: "Address or prefix"}, {Name: "action"}, {Name: "for"}, {Name: "note"}}

// IPRuleCreate handles POST /admin/ip-rules: it adds a rule.
func (p *Panel) IPRuleCreate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	in := iprules.Input{Prefix: form.Get("prefix"), Action: form.Get("action"), Note: form.Get("note"), For: form.Get("for")}
	if _, err := p.IPRules.Create(c.Request().Context(), gate.Actor(c), in); err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showIPRules(c, status, in, problems)
		})
	}
	return p.Tell(c, "/admin/ip-rules", "rule")
}

// IPRuleDelete handles POST /admin/ip-rules/delete: it deletes a rule.
func (p *Panel) IPRuleDelete(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := p.IPRules.Delete(c.Request().Context(), gate.Actor(c), form.Get("rule")); err != nil {
		return p.ShowForm(err, func(status int, problems page.Problems) error {
			return p.showIPRules(c, status, iprules.Input{Action: "block", For: "24h"}, problems)
		})
	}
	return p.Tell(c, "/admin/ip-rules", "norule")
}
