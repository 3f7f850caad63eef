package config

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	"example.org/cloakroom/internal/models"
)

// A Setting is a line of the manual, with what holds now.
type Setting struct {
	Name    string // of the variable
	Group   string
	Says    string // what it is
	Allowed string // what it may hold
	Default string

	Secret    bool   // what it holds is shown to nobody
	Set       bool   // it holds something
	Value     string // that, as it was written; empty for a secret
	StandsFor string // what Value means here, if it is another text
	Named     bool   // the environment names it
}

// Settings returns all settings in the order of the manual.
func (c Config) Settings() (all []Setting) {
	group := ""
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if !field.IsExported() {
			continue
		}
		if begins := field.Tag.Get("group"); begins != "" {
			group = begins
		}
		name := field.Tag.Get("env")
		s := Setting{
			Name: name, Group: group, Says: field.Tag.Get("says"), Allowed: field.Tag.Get("allowed"), Default: field.Tag.Get("envDefault"),
			Value: c.Text(name), Named: c.Names(name),
		}
		s.Set = s.Value != ""
		s.Secret = field.Type == reflect.TypeFor[models.Secret]() || hasPassword(s.Value)
		value := reflect.ValueOf(c).FieldByIndex(field.Index)
		if s.Secret {
			s.Value = ""
		} else if value.Kind() == reflect.String && value.String() != s.Value && value.String() != "" {
			s.StandsFor = value.String()
		}
		all = append(all, s)
	}
	return all
}

// hasPassword reports whether there is an address with a user in the text, such
// as should be in no setting that is shown.
func hasPassword(text string) bool {
	_, rest, ok := strings.Cut(text, "://")
	return ok && strings.Contains(rest, "@")
}

// fieldOf returns the field that the variable sets.
func fieldOf(name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name != "" && field.Tag.Get("env") == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// Names reports whether the environment names the variable.
func (c Config) Names(name string) bool { return c.from.named[name] }

// Text returns what the variable holds, as it was written: in the environment,
// by an admin, or in the manual.
func (c Config) Text(name string) string {
	if text, ok := c.from.given[name]; ok {
		return text
	}
	field, _ := fieldOf(name)
	return field.Tag.Get("envDefault")
}

// Same reports whether the variable means the same in c and in other.
func (c Config) Same(other Config, name string) bool {
	field, _ := fieldOf(name)
	return reflect.DeepEqual(reflect.ValueOf(c).FieldByIndex(field.Index).Interface(), reflect.ValueOf(other).FieldByIndex(field.Index).Interface())
}

// A Wrong is a setting that holds what it may not.
type Wrong struct{ Name, Allowed string }

// With returns c with other values for some variables, and what is wrong with
// them then. What the environment names stays; an empty value is the default.
func (c Config) With(values map[string]string) (Config, []Wrong, error) {
	next := &source{named: c.from.named, given: maps.Clone(c.from.given)}
	for name, value := range values {
		if _, known := fieldOf(name); !known {
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
	changed, fields, err := read(next)
	if err != nil {
		return c, nil, err
	}
	var wrong []Wrong
	for _, name := range fields {
		field, _ := reflect.TypeFor[Config]().FieldByName(name)
		wrong = append(wrong, Wrong{Name: field.Tag.Get("env"), Allowed: field.Tag.Get("allowed")})
	}
	return changed, wrong, nil
}
