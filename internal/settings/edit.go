package settings

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A Change is what an edit does to one setting.
type Change struct {
	Name          string
	Before, After string // as the environment would say them
	value         string // as it is stored; empty: the default
	same          bool
}

// Changes reports whether the setting changes.
func (c Change) Changes() bool { return !c.same }

// Field names the field of a form that a setting is typed into: of an entry such
// as TIERS:free.storage the last word, for a form is about one tier.
func Field(name string) string {
	return strings.ToLower(name[strings.LastIndexAny(name, ":.")+1:])
}

// Variable returns the environment variable of a setting or an entry.
func Variable(name string) string {
	variable, _, _ := strings.Cut(name, ":")
	return variable
}

// Preview returns what would change if the settings were what was typed, and what
// would hold then. An empty value is the default; what is missing stays as it is.
// Problems are at the fields of the settings.
func (s *Service) Preview(ctx context.Context, by models.Actor, typed map[string]string) ([]Change, Values, error) {
	edits, err := s.DB.SettingEdits(ctx)
	if err != nil {
		return nil, s.Base, err
	}
	return s.judge(by, edits, typed)
}

// judge is Preview with these edits.
func (s *Service) judge(by models.Actor, edits []models.SettingEdit, typed map[string]string) ([]Change, Values, error) {
	before, values, err := s.with(edits)
	if err != nil {
		return nil, before, err
	}
	if err := s.checkTyped(typed); err != nil {
		return nil, before, err
	}
	for name, value := range typed {
		values[name] = strings.TrimSpace(value)
	}
	after, problems, err := s.Base.with(values)
	if err != nil {
		return nil, before, err
	}
	if len(problems) == 0 {
		problems = append(problems, locksOut(by, before, after), fits(before, after))
	}
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		c := Change{Name: name, Before: before.Text(name), After: after.Text(name), same: after.Same(before, name)}
		if !after.Same(s.Base, name) { // or a later default would not hold
			c.value = c.After
		}
		changes = append(changes, c)
	}
	return changes, after, errors.Join(problems...)
}

// checkTyped rejects settings that admins cannot change, and values that are too
// long.
func (s *Service) checkTyped(typed map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		switch {
		case !s.canEdit(name):
			errs = append(errs, problem.New(problem.NotFound, "There is no such setting to change here."))
		case s.Base.Names(name):
			errs = append(errs, problem.OnField(Field(name), "The environment variable %s sets this. Change it there.", Variable(name)))
		case len(typed[name]) > maxValue:
			errs = append(errs, problem.OnField(Field(name), "Enter at most %d characters.", maxValue))
		}
	}
	return errors.Join(errs...)
}

// locksOut rejects changes that would keep the admin who makes them from undoing
// them.
func locksOut(by models.Actor, before, after Values) error {
	const factor, email = "SECOND_FACTOR_ROLES", "EMAIL_VERIFICATION"
	if !by.User.SignedIn() {
		return nil
	}
	var errs []error
	if slices.Contains(after.FactorRoles(), by.User.Role) && !by.User.HasFactor && !after.Same(before, factor) {
		errs = append(errs, problem.OnField(Field(factor), "Your own account does not use two-factor authentication. Set it up first."))
	}
	if after.EmailVerification == "required" && by.User.EmailVerifiedAt == nil && !after.Same(before, email) {
		errs = append(errs, problem.OnField(Field(email), "Your own email address is not verified. Verify it first."))
	}
	return errors.Join(errs...)
}

// fits rejects a tier whose largest file exceeds its storage.
func fits(before, after Values) error {
	var errs []error
	for _, tier := range models.Tiers() {
		was, is := before.Tier(tier), after.Tier(tier)
		if (was.MaxFileSize != is.MaxFileSize || was.Storage != is.Storage) && is.MaxFileSize > is.Storage {
			errs = append(errs, problem.OnField("file", "The largest file must fit into the storage."))
		}
	}
	return errors.Join(errs...)
}

// Save applies what Preview shows, here at once and on every other node within
// seconds. Concurrent changes wait for each other, and each is checked against
// the state that the one before left.
func (s *Service) Save(ctx context.Context, by models.Actor, typed map[string]string) error {
	now := s.Now()
	err := s.DB.Tx(ctx, func(tx *database.DB) error {
		edits, err := tx.SettingEditsToChange(ctx)
		if err != nil {
			return err
		}
		changes, _, err := s.judge(by, edits, typed)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := tx.SetSettingEdit(ctx, models.SettingEdit{Name: c.Name, Value: c.value, UpdatedAt: now}); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, by, changes, now)
	})
	if err != nil {
		return err
	}
	return s.Reload(ctx)
}

// audit appends one event for each setting that changed.
func (s *Service) audit(ctx context.Context, tx *database.DB, by models.Actor, changes []Change, now time.Time) error {
	for _, c := range changes {
		if !c.Changes() {
			continue
		}
		event := by.Did(ActionEdit, "setting:"+c.Name, said(c.Before)+" to "+said(c.After))
		event.At = now
		if err := tx.AppendAuditEvent(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

func said(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// Reset resets the settings that match to their defaults, and returns how many
// were changed. It is for the command line, where it undoes what keeps all admins
// from the panel.
func (s *Service) Reset(ctx context.Context, by models.Actor, match func(name string) bool) (n int, err error) {
	now := s.Now()
	return n, s.DB.Tx(ctx, func(tx *database.DB) error {
		edits, err := tx.SettingEditsToChange(ctx)
		if err != nil {
			return err
		}
		var changes []Change
		for _, e := range edits {
			if !match(e.Name) {
				continue
			}
			if err := tx.SetSettingEdit(ctx, models.SettingEdit{Name: e.Name, Value: "", UpdatedAt: now}); err != nil {
				return err
			}
			changes = append(changes, Change{Name: e.Name, Before: e.Value, After: s.Base.Text(e.Name), value: "", same: false})
		}
		n = len(changes)
		return s.audit(ctx, tx, by, changes, now)
	})
}

// A TierEffect is what a change does to the users of a tier.
type TierEffect struct {
	Before, After Tier
	Count         models.TierCount
}

// PreviewTier returns what the tier would give if its settings were what was
// typed, as Preview does, and how many users would exceed their storage.
func (s *Service) PreviewTier(ctx context.Context, by models.Actor, tier models.Tier, typed map[string]string) (TierEffect, error) {
	_, after, err := s.Preview(ctx, by, typed)
	if err != nil {
		return TierEffect{}, err
	}
	e := TierEffect{Before: s.Current().Tier(tier), After: after.Tier(tier)}
	e.Count, err = s.DB.TierCount(ctx, tier, e.Before.Storage, e.After.Storage)
	return e, err
}
