package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// requireAllowedAddress rejects visitors whose address an IP rule blocks. Health
// checks and the assets of the error page are open to all.
func (s *Server) requireAllowedAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch c.Path() {
		case "/livez", "/readyz", web.StaticPrefix + "*":
			return next(c)
		}
		if !s.IPRules.Allows(originOf(c).Addr) {
			return problem.New(problem.Forbidden, "Your IP address is blocked. If you think this is a mistake, contact the administrator of this site.")
		}
		return next(c)
	}
}

// adminIPRules handles GET /admin/ip-rules.
func (s *Server) adminIPRules(c echo.Context) error {
	return s.showIPRules(c, http.StatusOK, iprules.Input{Action: "block", For: "24h"}, nil)
}

func (s *Server) showIPRules(c echo.Context, status int, form iprules.Input, problems Problems) error {
	rules, err := s.IPRules.Rules(c.Request().Context())
	if err != nil {
		return err
	}
	return s.show(c, status, "admin_ip_rules", adminIPRulesPage{page: s.page(c, "IP rules"), Rules: rules, Most: iprules.MaxRules, Own: client(c).Address(), Form: form, Problems: problems})
}

// adminIPRuleCreate handles POST /admin/ip-rules.
func (s *Server) adminIPRuleCreate(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	in := iprules.Input{Prefix: form.Get("prefix"), Action: form.Get("action"), Note: form.Get("note"), For: form.Get("for")}
	if _, err := s.IPRules.Create(c.Request().Context(), actor(c), in); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showIPRules(c, status, in, problems)
		})
	}
	return c.Redirect(http.StatusSeeOther, "/admin/ip-rules?notice=rule")
}

// adminIPRuleDelete handles POST /admin/ip-rules/delete.
func (s *Server) adminIPRuleDelete(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.IPRules.Delete(c.Request().Context(), actor(c), form.Get("rule")); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showIPRules(c, status, iprules.Input{Action: "block", For: "24h"}, problems)
		})
	}
	return c.Redirect(http.StatusSeeOther, "/admin/ip-rules?notice=norule")
}
