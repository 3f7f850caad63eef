package limits

import (
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/problem"
)

// ClassesOf returns the classes that have rates of their own by rule: Guest
// stands for all where all share them.
func ClassesOf(rule Rule) []Class {
	if rule.Shares() {
		return []Class{Guest}
	}
	return Classes()
}

// EntryOf returns the name of the entry of LIMITS that sets the rates of class.
func EntryOf(rule Rule, class Class) string {
	if rule.Shares() {
		return string(rule.Act)
	}
	return string(rule.Act) + "." + string(class)
}

// Entry returns the rule and the class of an entry that EntryOf names.
func (p Policy) Entry(name string) (Rule, Class, bool) {
	act, class, _ := strings.Cut(name, ".")
	rule, ok := p.Rule(Act(act))
	if ok && rule.Shares() {
		return rule, Guest, class == ""
	}
	return rule, Class(class), ok && slices.Contains(Classes(), Class(class))
}

// Edit returns p with the rates that an admin typed for an entry. Its error is a
// problem: the rates are not well-formed, or would shut admins out of the panel.
func (p Policy) Edit(name, value string) (Policy, error) {
	rule, class, ok := p.Entry(name)
	if !ok {
		return p, problem.New(problem.NotFound, "There is no such limit.")
	}
	next, err := p.Override(name + "=" + strings.ReplaceAll(value, ",", "+"))
	if err != nil || value == "" || isStrategy(value) {
		return p, problem.New(problem.Invalid, "Enter rates such as %s.", example(rule.Unit))
	}
	rule, _ = next.Rule(rule.Act)
	return next, tooTight(rule, class)
}

func example(unit Unit) string {
	switch unit {
	case Bytes:
		return "20GiB-D, which is 20 GiB a day"
	case AtOnce:
		return "6"
	}
	return "5-S+100-M, which is 5 a second and 100 a minute together"
}

// Admins must keep access to the panel, or they could not undo a change.
const (
	leastOfAdmins = 60 // a minute, of what the panel costs
	leastLogins   = 3  // in any period
)

func tooTight(rule Rule, class Class) error {
	for _, rate := range rule.Rates[class] {
		switch rule.Act {
		case Page, Part, Admin:
			if class == Admins && rate.Limit*int64(time.Minute) < leastOfAdmins*int64(min(rate.Period, day)) {
				return problem.New(problem.Invalid, "Admins need at least %d in a minute here, or they could not change this again.", leastOfAdmins)
			}
		case Login, LoginAccount:
			if rate.Limit < leastLogins {
				return problem.New(problem.Invalid, "With fewer than %d attempts nobody could sign in to change this again.", leastLogins)
			}
		}
	}
	return nil
}
