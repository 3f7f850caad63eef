package handlers

import (
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// settingRow is a setting as it is shown.
type settingRow struct {
	settings.Setting
	From string // "environment", "changed" (by an admin), or empty: the default
}

// settingGroup is settings that belong together.
type settingGroup struct {
	Title string
	Rows  []settingRow
}

// settingField is an input for a setting.
type settingField struct {
	settings.Setting
	Title   string
	Hint    string // of those that are no tier's
	Field   string // its name in the form
	From    string
	Typed   string
	Choices []choiceRow // empty: it is typed
	Many    bool
}

// adminSettingsPage is the page "admin_settings". Its fields are named like the
// settings, in lower case; the button that was pressed is "do": preview, save or
// defaults.
type adminSettingsPage struct {
	page
	Fields    []settingField
	Typed     map[string]string // by setting
	Previewed bool
	Changes   []settings.Change
	Groups    []settingGroup
	Problems  Problems
}

// tierField is what a tier gives, with its input.
type tierField struct {
	settingField
	Words string
}

// tierRow is a tier, and what it gives.
type tierRow struct {
	Tier  models.Tier
	Gives []tierField
}

// adminTiersPage is the page "admin_tiers". It has no form.
type adminTiersPage struct {
	page
	Tiers []tierRow
}

// tierEffect is what a change does to what a tier gives.
type tierEffect struct {
	What, Before, After string
	Verdict             string // "less" or "more"
}

// adminTierPage is the page "admin_tier". Its fields are named like the
// settings, in lower case; the button that was pressed is "do": preview, save or
// defaults.
type adminTierPage struct {
	page
	Tier      models.Tier
	Fields    []tierField
	Typed     map[string]string // by setting
	Previewed bool
	Effects   []tierEffect
	Count     models.TierCount // once it is previewed
	Problems  Problems
}
