package settings

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A Change is what an edit does to one setting.
type Change struct {
	Name          string
	Before, After string // as the environment would say them
	value         string // as it is kept; empty is the default again
	same          bool
}

// Changes reports whether there is any difference.
func (c Change) Changes() bool { return !c.same }

// Field names the field of a form that a setting is typed into.
func Field(name string) string { return strings.ToLower(name) }

// Preview returns what would become of the settings if they were what was typed,
// and what would hold then. Empty is the default again; what is missing stays as
// it is. Problems are at the fields of the settings.
func (s *Service) Preview(ctx context.Context, by models.Actor, typed map[string]string) ([]Change, config.Config, error) {
	edits, err := s.DB.SettingEdits(ctx)
	if err != nil {
		return nil, s.Base, err
	}
	return s.judge(by, edits, typed)
}

// judge is Preview where the edits are what they are.
func (s *Service) judge(by models.Actor, edits []models.SettingEdit, typed map[string]string) ([]Change, config.Config, error) {
	before, err := s.with(edits)
	if err != nil {
		return nil, before, err
	}
	if err := s.mayBeTyped(typed); err != nil {
		return nil, before, err
	}
	values := map[string]string{}
	for _, e := range edits {
		if mayEdit(e.Name) && before.Text(e.Name) == e.Value { // which holds
			values[e.Name] = e.Value
		}
	}
	for name, value := range typed {
		values[name] = strings.TrimSpace(value)
	}
	after, wrong, err := s.Base.With(values)
	if err != nil {
		return nil, before, err
	}
	var errs []error
	for _, w := range wrong {
		errs = append(errs, problem.OnField(Field(w.Name), "It must be %s.", w.Allowed))
	}
	if len(errs) == 0 {
		errs = append(errs, shutsOut(by, before, after), fits(before, after))
	}
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		c := Change{Name: name, Before: before.Text(name), After: after.Text(name), value: values[name], same: after.Same(before, name)}
		if after.Same(s.Base, name) {
			c.value = "" // a later default shall hold too
		}
		changes = append(changes, c)
	}
	return changes, after, errors.Join(errs...)
}

// mayBeTyped refuses what admins may not change, whatever it would be.
func (s *Service) mayBeTyped(typed map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		switch {
		case !mayEdit(name):
			errs = append(errs, problem.New(problem.NotFound, "There is no such setting to be changed here."))
		case s.Base.Names(name):
			errs = append(errs, problem.OnField(Field(name), "%s is said by the environment; it is changed there.", name))
		case len(typed[name]) > maxValue:
			errs = append(errs, problem.OnField(Field(name), "It may have at most %d characters.", maxValue))
		}
	}
	return errors.Join(errs...)
}

// shutsOut refuses what would keep the one who does it from taking it back.
func shutsOut(by models.Actor, before, after config.Config) error {
	var errs []error
	if wants := after.FactorRoles(); by.User.SignedIn() && !by.User.HasFactor && slices.Contains(wants, by.User.Role) && !after.Same(before, "SECOND_FACTOR_ROLES") {
		errs = append(errs, problem.OnField(Field("SECOND_FACTOR_ROLES"), "Your own role would need a second factor, and you have none. Set one up first."))
	}
	if by.User.SignedIn() && by.User.EmailVerifiedAt == nil && after.EmailVerification == "required" && !after.Same(before, "EMAIL_VERIFICATION") {
		errs = append(errs, problem.OnField(Field("EMAIL_VERIFICATION"), "You have not proved your own mail address, and could only read then. Prove it first."))
	}
	return errors.Join(errs...)
}

// fits refuses a tier whose files are larger than all of them may be.
func fits(before, after config.Config) error {
	var errs []error
	for _, tier := range models.Tiers() {
		was, is := before.Tier(tier), after.Tier(tier)
		if (was.MaxFileSize != is.MaxFileSize || was.Storage != is.Storage) && is.MaxFileSize > is.Storage {
			errs = append(errs, problem.OnField(Field(TierNames(tier)[0]), "One file may not be larger than all files together."))
		}
	}
	return errors.Join(errs...)
}

// Save makes what Preview shows hold, here at once and on every other node
// within seconds. Who changes something at the same time waits, and is judged by
// what is there then.
func (s *Service) Save(ctx context.Context, by models.Actor, typed map[string]string) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
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
	return s.Follow(ctx)
}

// audit appends one event for each setting that is another now.
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

// Reset takes back all changes of the settings of those names, for the command
// line: it is the way out of what keeps everybody from the panel. It returns how
// many there were.
func (s *Service) Reset(ctx context.Context, by models.Actor, names []string) (n int, err error) {
	now := s.Now().UTC().Truncate(time.Microsecond)
	return n, s.DB.Tx(ctx, func(tx *database.DB) error {
		edits, err := tx.SettingEditsToChange(ctx)
		if err != nil {
			return err
		}
		var changes []Change
		for _, e := range edits {
			if !slices.Contains(names, e.Name) {
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

// PreviewTier returns what would become of the tier if its settings were what
// was typed, as Preview does, and whom it would leave without room.
func (s *Service) PreviewTier(ctx context.Context, by models.Actor, tier models.Tier, typed map[string]string) (TierEffect, error) {
	_, after, err := s.Preview(ctx, by, typed)
	if err != nil {
		return TierEffect{}, err
	}
	e := TierEffect{Before: s.Current().Tier(tier), After: after.Tier(tier)}
	e.Count, err = s.DB.TierCount(ctx, tier, int64(e.Before.Storage), int64(e.After.Storage))
	return e, err
}
