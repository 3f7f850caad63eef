package panel

import (
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// sampleFields holds a field of each sort for settings.
func sampleFields() []settingField {
	return []settingField{
		{Setting: settings.Setting{Name: "REGISTRATION", Default: "open"}, Title: "Who may register", Hint: "who may <register>",
			Field: "registration", From: "changed", Typed: "closed",
			Choices: []page.Choice{{Value: "open", Words: "open (the default)", Chosen: false}, {Value: "closed", Words: "closed", Chosen: true}}},
		{Setting: settings.Setting{Name: "SECOND_FACTOR_ROLES", Says: "who must"}, Title: "Roles", Field: "second_factor_roles", Many: true,
			Choices: []page.Choice{{Value: "user", Words: "user", Chosen: false}, {Value: "admin", Words: "admin", Chosen: true}}},
		{Setting: settings.Setting{Name: "EMAIL_VERIFICATION", Named: true, Value: "required"}, Title: "Proof", Field: "email_verification",
			From: "environment", Typed: "required",
			Choices: []page.Choice{{Value: "optional", Words: "optional", Chosen: false}, {Value: "required", Words: "required", Chosen: true}}},
		{Setting: settings.Setting{Name: "CONFIRMED_FOR", Says: "how long", Allowed: "a time from 1m to 24h", Default: "30m"}, Title: "A proof",
			Field: "confirmed_for", Typed: "<b>"},
	}
}

func sampleSettings(p page.Frame) settingsPage {
	return settingsPage{
		Frame: p, Fields: sampleFields(), Previewed: true, Changes: []settings.Change{{Name: "REGISTRATION", Before: "open", After: "closed"},
			{Name: "REGISTRATION_DOMAINS", After: "<b>"}},
		Groups: []settingGroup{{Title: "Accounts", Rows: []settingRow{
			{Setting: settings.Setting{Name: "ADDR", Says: "where", Set: true, Value: "auto", StandsFor: "127.0.0.1:8080", Named: true},
				From: "environment"},
			{Setting: settings.Setting{Name: "SITE_KEY", Says: "seals", Secret: true, Set: true}},
			{Setting: settings.Setting{Name: "CONTENT_KEY", Secret: true}},
			{Setting: settings.Setting{Name: "REGISTRATION", Set: true, Value: "<b>"}, From: "changed"},
			{Setting: settings.Setting{Name: "SMTP_FROM"}},
		}}},
		Problems: pagetest.Problems("registration", "second_factor_roles", "email_verification", "confirmed_for"),
	}
}

func sampleTierFields() (fields []tierField) {
	for i, f := range settings.TierFields() {
		name := f.Name(models.TierFree)
		from := []string{"", "changed", "environment", ""}[i%4]
		fields = append(fields, tierField{settingField{Setting: settings.Setting{Name: name, Allowed: "a size", Default: "1GiB"}, Title: f.Title,
			Field: settings.Field(name), From: from, Typed: "<b>"}, "up to 1 GiB"})
	}
	return fields
}

func sampleTiers(p page.Frame) tiersPage {
	return tiersPage{Frame: p, Tiers: []tierRow{{models.TierFree, sampleTierFields()}, {models.TierPro, sampleTierFields()}}}
}

func sampleTier(p page.Frame) tierPage {
	return tierPage{
		Frame: p, Tier: models.TierFree, Fields: sampleTierFields(), Previewed: true,
		Effects:  []tierEffect{{"Largest file", "up to 1 GiB", "up to 500 MB", "less"}},
		Count:    models.TierCount{Users: 12, OwnQuota: 1, OverBefore: 2, OverAfter: 3},
		Problems: pagetest.Problems("file", "storage", "image-side", "post-files"),
	}
}
