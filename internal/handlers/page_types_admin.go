package handlers

import (
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// auditForm says which events are wanted.
type auditForm struct {
	Actor   string // a username
	Action  string
	User    string // the username of whom it was about
	Outcome string
}

// adminAuditPage is the page "admin_audit". Its form is sent by GET and has the
// fields actor, action, user and outcome.
type adminAuditPage struct {
	page
	Form     auditForm
	Signed   models.AuditMark // the last one; the zero mark: nothing is signed yet
	Events   []models.AuditView
	Older    string // address of the next stretch of the list; empty: its end
	Problems Problems
}

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

// adminLimitsPage is the page "admin_limits". It has no form.
type adminLimitsPage struct {
	page
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

// adminLimitPage is the page "admin_limit". Its fields are named like the classes,
// or like the act where all share its rates; the button that was pressed is "do": preview, save or defaults.
type adminLimitPage struct {
	page
	Rule      limits.Rule
	Fields    []limitField
	Typed     map[string]string // by setting
	Previewed bool
	Effects   []limitEffect
	Problems  Problems
}

// adminIPRulesPage is the page "admin_ip_rules". Its fields are prefix, action,
// note and for.
type adminIPRulesPage struct {
	page
	Rules    []models.IPRule
	Most     int    // rules that are kept
	Own      string // the address the viewer comes from
	Form     iprules.Input
	Problems Problems
}
