package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/settings"
)

const adminSettingsPath = "/admin/settings"

// adminSettings handles GET /admin/settings.
func (s *Server) adminSettings(c echo.Context) error {
	return s.showSettings(c, http.StatusOK, adminSettingsPage{})
}

// showSettings shows all settings, and a form with those that can be changed and
// what was typed. Of a secret it only shows whether it is set.
func (s *Server) showSettings(c echo.Context, status int, data adminSettingsPage) error {
	data.page = s.page(c, "Settings")
	for _, setting := range s.SettingEdits.Current().Manual() {
		if n := len(data.Groups); n == 0 || data.Groups[n-1].Title != setting.Group {
			data.Groups = append(data.Groups, settingGroup{Title: setting.Group})
		}
		group := &data.Groups[len(data.Groups)-1]
		group.Rows = append(group.Rows, settingRow{Setting: setting, From: s.SettingEdits.Source(setting.Name)})
	}
	for _, control := range settings.Controls() {
		field := s.settingField(control.Name, control.Title, data.Typed)
		chosen := strings.Split(field.Typed, ",")
		for _, choice := range control.Choices {
			words := choice
			if choice == field.Default {
				words += " (default)"
			}
			field.Choices = append(field.Choices, choiceRow{choice, words, slices.Contains(chosen, choice)})
		}
		field.Many, field.Hint = control.Many, control.Hint
		data.Fields = append(data.Fields, field)
	}
	return s.show(c, status, "admin_settings", data)
}

// settingField returns the field for a setting, with what was typed or its value.
func (s *Server) settingField(name, title string, typed map[string]string) settingField {
	setting, _ := s.SettingEdits.Current().Setting(name)
	field := settingField{Title: title, Field: settings.Field(name), Setting: setting, From: s.SettingEdits.Source(name), Typed: setting.Value}
	if text, ok := typed[name]; ok {
		field.Typed = text
	}
	return field
}

// typedSettings returns what a form says about the settings of these names: the
// checkboxes that are ticked, the defaults if the button for them was pressed, and
// nothing about what the environment sets.
func (s *Server) typedSettings(form url.Values, names []string) map[string]string {
	typed := map[string]string{}
	for _, name := range names {
		values, sent := form[settings.Field(name)]
		switch {
		case s.SettingEdits.Base.Names(name):
		case form.Get("do") == "defaults":
			typed[name] = ""
		case sent:
			values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
			typed[name] = strings.Join(values, ",")
		}
	}
	return typed
}

// adminSettingsSend handles POST /admin/settings, which previews or saves.
func (s *Server) adminSettingsSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	var names []string
	for _, control := range settings.Controls() {
		names = append(names, control.Name)
	}
	data := adminSettingsPage{Typed: s.typedSettings(form, names)}
	if form.Get("do") == "preview" {
		changes, _, err := s.SettingEdits.Preview(c.Request().Context(), actor(c), data.Typed)
		if err == nil {
			data.Previewed, data.Changes = true, slices.DeleteFunc(changes, func(c settings.Change) bool { return !c.Changes() })
			return s.showSettings(c, http.StatusOK, data)
		}
		return s.settingsProblem(c, data, err)
	}
	if err := s.SettingEdits.Save(c.Request().Context(), actor(c), data.Typed); err != nil {
		return s.settingsProblem(c, data, err)
	}
	return c.Redirect(http.StatusSeeOther, adminSettingsPath+"?notice=saved")
}

func (s *Server) settingsProblem(c echo.Context, data adminSettingsPage, err error) error {
	return s.showForm(err, func(status int, problems Problems) error {
		data.Problems = problems
		return s.showSettings(c, status, data)
	})
}
