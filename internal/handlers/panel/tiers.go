package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// tiersPage is the page "admin_tiers". It has no form.
type tiersPage struct {
	page.Frame
	Tiers []tierRow
}

// A tierRow is a tier with its allowances.
type tierRow struct {
	Tier  models.Tier
	Gives []tierField
}

// A tierField is one allowance of a tier, with its input.
type tierField struct {
	settingField
	Words string
}

const tiersPath = "/admin/tiers"

// TierList handles GET /admin/tiers: what each tier allows.
func (p *Panel) TierList(c echo.Context) error {
	data := tiersPage{Frame: p.frame(c, "Tiers")}
	for _, tier := range models.Tiers() {
		data.Tiers = append(data.Tiers, tierRow{Tier: tier, Gives: p.tierFields(tier, nil)})
	}
	return p.Show(c, http.StatusOK, "admin_tiers", data)
}

// tierFields returns the allowances of the tier with their inputs.
func (p *Panel) tierFields(tier models.Tier, typed map[string]string) (fields []tierField) {
	gives := p.SettingEdits.Current().Tier(tier)
	for _, field := range settings.TierFields() {
		fields = append(fields, tierField{settingField: p.settingField(field.Name(tier), field.Title, typed), Words: tierWords(field, gives)})
	}
	return fields
}

// tierWords describes one allowance of a tier.
func tierWords(field settings.TierField, t settings.Tier) string {
	n := field.Of(t)
	if field.Bytes {
		return "up to " + page.Size(n)
	}
	if n == 0 && field.Unit == "days" {
		return "no limit"
	}
	return "up to " + page.Number(n) + " " + field.Unit
}
