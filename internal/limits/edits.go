package limits

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// ActionEdit is what this package puts into the audit log.
const ActionEdit models.AuditAction = "limit.edit"

// Edits are what admins changed in the policy while the site runs. They are
// kept in the database, and each node follows. What LIMITS in the environment
// names they do not touch. All fields must be set.
type Edits struct {
	DB     *database.DB
	Limits *Service
	Now    func() time.Time
}

// Follow makes the policy what the database says now. A node that does it every
// few seconds follows the edits of all.
func (e *Edits) Follow(ctx context.Context) error {
	edits, err := e.DB.LimitEdits(ctx)
	if err != nil {
		return err
	}
	next := e.Limits.Policy
	for _, edit := range edits {
		changed, err := next.Override(edit.Entry + "=" + edit.Value)
		if err != nil || e.locked(edit.Entry) { // of an older release, or by now in the environment
			continue
		}
		next = changed
	}
	e.Limits.edited.Store(&next)
	return nil
}

// locked reports whether the environment says what the entry would.
func (e *Edits) locked(name string) bool {
	act, class, classed := strings.Cut(name, ".")
	if !classed {
		class = string(Guest) // with the same rates as all
	}
	return e.Limits.Policy.Names(Act(act), Class(class))
}

// A Difference is what an edit does to one class.
type Difference struct {
	Class         Class // Guest, where all share the rates
	Before, After Rule
	entry, value  string // as they are kept; an empty value is the default again
}

// Changes reports whether there is any difference.
func (d Difference) Changes() bool { return d.Before.Written(d.Class) != d.After.Written(d.Class) }

// Preview returns what would become of act if its rates were what was typed, by
// class. Empty is the default again; a class that is missing stays as it is.
// Problems are at fields named like the classes. What the environment says is
// not there to be changed.
func (e *Edits) Preview(act Act, typed map[Class]string) ([]Difference, error) {
	rule, ok := e.Limits.Current().Rule(act)
	if !ok {
		return nil, problem.New(problem.NotFound, "There is no such limit.")
	}
	var all []Difference
	var errs []error
	for _, class := range ClassesOf(rule) {
		value, there := typed[class]
		if !there {
			continue
		}
		d, err := e.differ(rule, class, strings.TrimSpace(value))
		errs = append(errs, problem.At(string(class), err))
		all = append(all, d)
	}
	return all, errors.Join(errs...)
}

// ClassesOf returns the classes that have rates of their own by rule: Guest
// stands for all where all share them.
func ClassesOf(rule Rule) []Class {
	if !rule.hasClasses() {
		return []Class{Guest}
	}
	return Classes()
}

// differ judges one value.
func (e *Edits) differ(rule Rule, class Class, value string) (Difference, error) {
	d := Difference{Class: class, Before: rule, After: rule, entry: string(rule.Act), value: value}
	if rule.hasClasses() {
		d.entry += "." + string(class)
	}
	if e.locked(d.entry) {
		return d, problem.New(problem.Invalid, "LIMITS in the environment says this one; it is changed there.")
	}
	base := e.Limits.Policy
	if value != "" && !isStrategy(value) {
		changed, err := base.Override(d.entry + "=" + strings.ReplaceAll(value, ",", "+"))
		if err != nil {
			return d, problem.New(problem.Invalid, "Rates are like %s.", example(rule.Unit))
		}
		base = changed
	} else if value != "" {
		return d, problem.New(problem.Invalid, "Rates are like %s.", example(rule.Unit))
	}
	d.After, _ = base.Rule(rule.Act)
	d.value = d.After.Written(class)
	if usual, _ := e.Limits.Policy.Rule(rule.Act); d.value == usual.Written(class) {
		d.value = "" // a later default shall hold too
	}
	return d, tooTight(d.After, class)
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

// Nobody may shut the panel to those who look after the site, by mistake or not.
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
				return problem.New(problem.Invalid, "With fewer than %d tries nobody could log in and change this again.", leastLogins)
			}
		}
	}
	return nil
}

// Save makes what Preview shows hold, here at once and on every other node
// within seconds.
func (e *Edits) Save(ctx context.Context, by models.Actor, act Act, typed map[Class]string) error {
	all, err := e.Preview(act, typed)
	if err != nil {
		return err
	}
	now := e.Now().UTC().Truncate(time.Microsecond)
	err = e.DB.Tx(ctx, func(tx *database.DB) error {
		var said []string
		for _, d := range all {
			if err := tx.SetLimitEdit(ctx, models.LimitEdit{Entry: d.entry, Value: d.value, UpdatedAt: now}); err != nil {
				return err
			}
			if d.Changes() {
				said = append(said, d.entry+": "+d.Before.Written(d.Class)+" to "+d.After.Written(d.Class))
			}
		}
		if len(said) == 0 {
			return nil
		}
		event := by.Did(ActionEdit, "limit:"+string(act), strings.Join(said, "; "))
		event.At = now
		return tx.AppendAuditEvent(ctx, event)
	})
	if err != nil {
		return err
	}
	return e.Follow(ctx)
}

// Reset takes all edits back, for the command line: it is the way out of what
// keeps everybody from the panel.
func (e *Edits) Reset(ctx context.Context, by models.Actor) (n int64, err error) {
	err = e.DB.Tx(ctx, func(tx *database.DB) error {
		if n, err = tx.DeleteLimitEdits(ctx); err != nil || n == 0 {
			return err
		}
		event := by.Did(ActionEdit, "", "all back to the defaults")
		event.At = e.Now().UTC().Truncate(time.Microsecond)
		return tx.AppendAuditEvent(ctx, event)
	})
	return n, err
}
