package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/cloakroom/internal/models"
)

// A Setting is a variable, or an entry of one such as TIERS:free.file, with the
// value that holds now.
type Setting struct {
	Name    string
	Group   string
	Use     string // needed, usual or rare
	Says    string // what it does
	Allowed string // what it can be set to
	Default string

	Secret    bool   // nobody sees the value
	Set       bool   // it has a value
	Value     string // as it was written; empty for a secret
	StandsFor string // what Value means here, if it is another text
	Named     bool   // the environment sets it
}

// settingFields returns the fields that are settings, in their order.
var settingFields = sync.OnceValue(func() []reflect.StructField {
	fields := reflect.VisibleFields(reflect.TypeFor[Config]())
	return slices.DeleteFunc(fields, func(f reflect.StructField) bool { return !f.IsExported() })
})

// Manual returns all settings in their order, with the values that hold now.
func (c Config) Manual() (all []Setting) {
	group := ""
	for _, field := range settingFields() {
		if begins := field.Tag.Get("group"); begins != "" {
			group = begins
		}
		s, _ := c.Setting(field.Tag.Get("env"))
		s.Group = group
		all = append(all, s)
	}
	return all
}

// Setting returns the variable or entry of that name, without its group.
func (c Config) Setting(name string) (Setting, bool) {
	s := Setting{Name: name, Value: c.Text(name), Named: c.Names(name)}
	s.Set = s.Value != ""
	if tier, entry, ok := tierEntry(name); ok {
		var defaults Config
		_ = defaults.Tiers.UnmarshalText([]byte(defaults.Text(tiersVariable)))
		s.Allowed, s.Default = entry.allowed(), entry.text(entry.Of(defaults.Tier(tier)))
		return s, true
	}
	field, ok := fieldOf(name)
	if !ok {
		return Setting{}, false
	}
	s.Use, s.Says, s.Default, s.Allowed = field.Tag.Get("use"), field.Tag.Get("says"), field.Tag.Get("envDefault"), allowedOf(field)
	s.Secret = field.Type == reflect.TypeFor[models.Secret]() || hasPassword(s.Value)
	value := reflect.ValueOf(c).FieldByIndex(field.Index)
	if s.Secret {
		s.Value = ""
	} else if value.Kind() == reflect.String && value.String() != s.Value && value.String() != "" {
		s.StandsFor = value.String()
	}
	return s, true
}

// allowedOf says what a field can be set to: what its type, bounds and words say,
// and what its tag adds.
func allowedOf(field reflect.StructField) string {
	var parts []string
	lowest, bounded := field.Tag.Lookup("min")
	switch one, some := wordsOf(field, "one"), wordsOf(field, "some"); {
	case one != nil:
		parts = append(parts, listed(one, "or"))
	case some != nil:
		parts = append(parts, "a list of "+listed(some, "and")+", separated by commas")
	case bounded && field.Type == reflect.TypeFor[time.Duration]():
		parts = append(parts, "a duration from "+lowest+" to "+field.Tag.Get("max"))
	case bounded:
		parts = append(parts, between(field.Type == reflect.TypeFor[Size](), lowest, field.Tag.Get("max")))
	case field.Type.Kind() == reflect.Bool:
		parts = append(parts, "true or false")
	case field.Type.Kind() == reflect.Slice:
		first, rest, more := strings.Cut(field.Tag.Get("allowed"), ";")
		if first += ", separated by commas"; more {
			first += ";" + rest
		}
		return first
	}
	if adds := field.Tag.Get("allowed"); adds != "" {
		parts = append(parts, adds)
	}
	return strings.Join(parts, "; ")
}

func between(bytes bool, lowest, highest string) string {
	if bytes {
		return "a size from " + lowest + " to " + highest
	}
	return "a number from " + lowest + " to " + highest
}

// wordsOf returns the words of a tag.
func wordsOf(field reflect.StructField, tag string) []string {
	text := field.Tag.Get(tag)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// listed writes words as a sentence does: "open, invitation or closed".
func listed(words []string, last string) string {
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// hasPassword reports whether the text has an address with a user in it, which
// no setting that is shown should have.
func hasPassword(text string) bool {
	_, rest, ok := strings.Cut(text, "://")
	return ok && strings.Contains(rest, "@")
}

// fieldOf returns the field that the variable sets.
func fieldOf(name string) (reflect.StructField, bool) {
	for _, field := range settingFields() {
		if field.Tag.Get("env") == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// Names reports whether the environment sets the variable or entry.
func (c Config) Names(name string) bool { return c.from != nil && c.from.named[name] }

// Text returns the value of the variable or entry: as the environment or an
// admin wrote it, or the default. What tiers get is written in full.
func (c Config) Text(name string) string {
	if tier, field, ok := tierEntry(name); ok {
		return field.text(field.Of(c.Tier(tier)))
	}
	if name == tiersVariable && c.Tiers != nil {
		return c.Tiers.text()
	}
	if c.from != nil && c.from.given[name] != "" {
		return c.from.given[name]
	}
	field, _ := fieldOf(name)
	return field.Tag.Get("envDefault")
}

// Same reports whether the variable or entry means the same in c and in other.
func (c Config) Same(other Config, name string) bool {
	if tier, field, ok := tierEntry(name); ok {
		return field.Of(c.Tier(tier)) == field.Of(other.Tier(tier))
	}
	field, _ := fieldOf(name)
	value := func(c Config) any { return reflect.ValueOf(c).FieldByIndex(field.Index).Interface() }
	return reflect.DeepEqual(value(c), value(other))
}

// A Wrong is a setting with a value that is not allowed.
type Wrong struct{ Name, Allowed string }

// With returns c with other values for some variables or entries, and what is
// wrong with them then. What the environment sets stays; an empty value is the
// default.
func (c Config) With(values map[string]string) (Config, []Wrong, error) {
	next := &source{named: c.from.named, given: maps.Clone(c.from.given)}
	for name, value := range values {
		if _, known := c.Setting(name); !known {
			return c, nil, fmt.Errorf("there is no setting %q", name)
		}
		switch {
		case c.Names(name):
		case value == "":
			delete(next.given, name)
		default:
			next.given[name] = value
		}
	}
	changed, names, err := read(next)
	if err != nil {
		return c, nil, err
	}
	var wrong []Wrong
	for _, name := range names {
		s, _ := c.Setting(name)
		wrong = append(wrong, Wrong{Name: name, Allowed: s.Allowed})
	}
	return changed, wrong, nil
}
