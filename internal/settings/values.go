package settings

import (
	"strings"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/problem"
)

// The variables of which admins change single entries. The name of an entry is
// that of the variable, a colon, and the entry: TIERS:free.file, LIMITS:upload.free.
const (
	tiersPrefix  = "TIERS:"
	limitsPrefix = "LIMITS:"
)

// Values are what holds: the settings, and the policy of limits.
type Values struct {
	config.Config
	Policy limits.Policy
}

// ValuesOf returns what the environment says.
func ValuesOf(cfg config.Config) (Values, error) {
	policy, err := limits.Defaults().Override(cfg.Limits)
	return Values{Config: cfg, Policy: policy}, err
}

// LimitName returns the name of the setting that holds the rates of class.
func LimitName(rule limits.Rule, class limits.Class) string {
	return limitsPrefix + limits.EntryOf(rule, class)
}

// limit returns the rates that a setting holds, if it is an entry of LIMITS.
func (v Values) limit(name string) (rule limits.Rule, class limits.Class, ok bool) {
	entry, ok := strings.CutPrefix(name, limitsPrefix)
	if !ok {
		return rule, class, false
	}
	return v.Policy.Entry(entry)
}

// Text returns the value of the setting, as the environment would say it.
func (v Values) Text(name string) string {
	if rule, class, ok := v.limit(name); ok {
		return rule.Written(class)
	}
	return v.Config.Text(name)
}

// Names reports whether the environment sets it, where v is what that says.
func (v Values) Names(name string) bool {
	if rule, class, ok := v.limit(name); ok {
		return v.Policy.Names(rule.Act, class)
	}
	return v.Config.Names(name)
}

// Same reports whether the setting means the same in v and in other.
func (v Values) Same(other Values, name string) bool {
	if _, _, ok := v.limit(name); ok {
		return v.Text(name) == other.Text(name)
	}
	return v.Config.Same(other.Config, name)
}

// with returns v with other values for some settings, and a problem at the field
// of each that is wrong. What the environment sets stays; an empty value is the
// default.
func (v Values) with(values map[string]string) (Values, []error, error) {
	next, variables := v, map[string]string{}
	var problems []error
	for name, value := range values {
		if _, _, ok := v.limit(name); !ok {
			variables[name] = value
			continue
		}
		if value == "" || v.Names(name) {
			continue
		}
		policy, err := next.Policy.Edit(strings.TrimPrefix(name, limitsPrefix), value)
		if err != nil {
			problems = append(problems, problem.At(Field(name), err))
			continue
		}
		next.Policy = policy
	}
	cfg, wrong, err := v.With(variables)
	if err != nil {
		return v, nil, err
	}
	for _, w := range wrong {
		problems = append(problems, problem.OnField(Field(w.Name), "Enter %s.", w.Allowed))
	}
	next.Config = cfg
	return next, problems, nil
}
