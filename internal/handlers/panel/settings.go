package panel

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/settings"
)

// A settingRow is a setting with its source.
type settingRow struct {
	settings.Setting
	From string // "environment", "changed" (by an admin), or empty: the default
}

// A settingGroup is a titled group of settings.
type settingGroup struct {
	Title string
	Rows  []settingRow
}

// settingsPage is the page "admin_settings". Its fields are named like the
// settings, in lower case. The field do is the button: preview, save or
// defaults.
type settingsPage struct {
	page.Frame
	Fields    []settingField
	Typed     map[string]string // by setting
	Previewed bool
	Changes   []settings.Change
	Groups    []settingGroup
	Problems  page.Problems
}

// Summary returns the problems for the list above the form.
func (p settingsPage) Summary() page.Problems {
	return named(p.Problems, p.Fields, func(f settingField) settingField { return f })
}

const settingsPath = "/admin/settings"

// SettingList handles GET /admin/settings: all settings, with a form for those
// that admins can change.
func (p *Panel) SettingList(c echo.Context) error {
	return p.showSettings(c, http.StatusOK, settingsPage{})
}

// showSettings shows all settings, and a form for those that admins can change,
// with the values entered so far. Of a secret it shows only whether it is set.
func (p *Panel) showSettings(c echo.Context, status int, data settingsPage) error {
	data.Frame = p.frame(c, "Settings")
	for _, setting := range p.SettingEdits.Current().Manual() {
		if n := len(data.Groups); n == 0 || data.Groups[n-1].Title != setting.Group {
			data.Groups = append(data.Groups, settingGroup{Title: setting.Group})
		}
		group := &data.Groups[len(data.Groups)-1]
		group.Rows = append(group.Rows, settingRow{Setting: setting, From: p.SettingEdits.Source(setting.Name)})
	}
	for _, control := range settings.Controls() {
		field := p.settingField(control.Name, control.Title, data.Typed)
		chosen := strings.Split(field.Typed, ",")
		for _, choice := range control.Choices {
			words := choice
			if choice == field.Default {
				words += " (default)"
			}
			field.Choices = append(field.Choices, page.Choice{Value: choice, Words: words, Chosen: slices.Contains(chosen, choice)})
		}
		field.Many, field.Hint = control.Many, control.Hint
		data.Fields = append(data.Fields, field)
	}
	return p.Show(c, status, "admin_settings", data)
}

// SettingsUpdate handles POST /admin/settings: it previews or saves changes.
func (p *Panel) SettingsUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	var names []string
	for _, control := range settings.Controls() {
		names = append(names, control.Name)
	}
	data := settingsPage{Typed: p.typedSettings(form, names)}
	if form.Get("do") == "preview" {
		changes, _, err := p.SettingEdits.Preview(c.Request().Context(), gate.Actor(c), data.Typed)
		if err == nil {
			data.Previewed, data.Changes = true, slices.DeleteFunc(changes, func(c settings.Change) bool { return !c.Changes() })
			return p.showSettings(c, http.StatusOK, data)
		}
		return p.settingsProblem(c, data, err)
	}
	if err := p.SettingEdits.Save(c.Request().Context(), gate.Actor(c), data.Typed); err != nil {
		return p.settingsProblem(c, data, err)
	}
	return p.Tell(c, settingsPath, "saved")
}

func (p *Panel) settingsProblem(c echo.Context, data settingsPage, err error) error {
	return p.ShowForm(err, func(status int, problems page.Problems) error {
		data.Problems = problems
		return p.showSettings(c, status, data)
	})
}
