package panel

import (
	"net/url"
	"slices"
	"strings"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/settings"
)

// settingField is an input for a setting.
type settingField struct {
	settings.Setting
	Title   string
	Hint    string // empty for settings of a tier
	Field   string // its name in the form
	From    string
	Typed   string
	Choices []page.Choice // empty: a text field
	Many    bool
}

// named returns the problems with the title of their setting.
func named[F any](problems page.Problems, fields []F, of func(F) settingField) page.Problems {
	return problems.Named(func(name string) string {
		for _, field := range fields {
			if f := of(field); f.Field == name {
				return f.Title
			}
		}
		return ""
	})
}

// settingField returns the field for a setting, with its value or the one entered.
func (p *Panel) settingField(name, title string, typed map[string]string) settingField {
	setting, _ := p.SettingEdits.Current().Setting(name)
	field := settingField{Title: title, Field: settings.Field(name), Setting: setting, From: p.SettingEdits.Source(name), Typed: setting.Value}
	if text, ok := typed[name]; ok {
		field.Typed = text
	}
	return field
}

// typedSettings returns the named settings in a form: the boxes that are
// checked, or no value if the button asks for defaults. It leaves out settings
// that the environment fixes.
func (p *Panel) typedSettings(form url.Values, names []string) map[string]string {
	typed := map[string]string{}
	for _, name := range names {
		values, sent := form[settings.Field(name)]
		switch {
		case p.SettingEdits.Base.Names(name):
		case form.Get("do") == "defaults":
			typed[name] = ""
		case sent:
			values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
			typed[name] = strings.Join(values, ",")
		}
	}
	return typed
}
