package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

// tierPage is the page "admin_tier". Its fields are named like the settings, in
// lower case. The field do is the button: preview, save or defaults.
type tierPage struct {
	page.Frame
	Tier      models.Tier
	Fields    []tierField
	Typed     map[string]string // by setting
	Previewed bool
	Effects   []tierEffect
	Count     models.TierCount // of users in the tier, set by a preview
	Problems  page.Problems
}

// Summary returns the problems for the list above the form.
func (p tierPage) Summary() page.Problems {
	return named(p.Problems, p.Fields, func(f tierField) settingField { return f.settingField })
}

// TierEdit handles GET /admin/tiers/:tier: the form for one tier.
func (p *Panel) TierEdit(c echo.Context) error {
	tier, err := tierParam(c)
	if err != nil {
		return err
	}
	return p.showTier(c, http.StatusOK, tierPage{Tier: tier})
}

func tierParam(c echo.Context) (models.Tier, error) {
	tier := models.Tier(c.Param("tier"))
	if parsed, err := models.ParseTier(string(tier)); err != nil || parsed != tier {
		return "", problem.New(problem.NotFound, "There is no such tier.")
	}
	return tier, nil
}

func (p *Panel) showTier(c echo.Context, status int, data tierPage) error {
	data.Frame = p.frame(c, "Tier "+string(data.Tier))
	data.Fields = p.tierFields(data.Tier, data.Typed)
	return p.Show(c, status, "admin_tier", data)
}

// TierUpdate handles POST /admin/tiers/:tier: it previews or saves changes.
func (p *Panel) TierUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	tier, err := tierParam(c)
	if err != nil {
		return err
	}
	data := tierPage{Tier: tier, Typed: p.typedSettings(form, settings.TierNames(tier))}
	if form.Get("do") == "preview" {
		effect, err := p.SettingEdits.PreviewTier(c.Request().Context(), gate.Actor(c), tier, data.Typed)
		if err != nil {
			return p.tierProblem(c, data, err)
		}
		data.Previewed, data.Effects, data.Count = true, tierEffects(effect), effect.Count
		return p.showTier(c, http.StatusOK, data)
	}
	if err := p.SettingEdits.Save(c.Request().Context(), gate.Actor(c), data.Typed); err != nil {
		return p.tierProblem(c, data, err)
	}
	return p.Tell(c, tiersPath+"/"+string(tier), "saved")
}

func (p *Panel) tierProblem(c echo.Context, data tierPage, err error) error {
	return p.ShowForm(err, func(status int, problems page.Problems) error {
		data.Problems = problems
		return p.showTier(c, status, data)
	})
}

// A tierEffect is the effect of a change on one allowance of a tier.
type tierEffect struct {
	What, Before, After string
	Verdict             string // "less" or "more"
}

// tierEffects compares the allowances of the tier before and after a change.
func tierEffects(e settings.TierEffect) (effects []tierEffect) {
	for _, field := range settings.TierFields() {
		was, is := field.Of(e.Before), field.Of(e.After)
		if was == is {
			continue
		}
		verdict := "more"
		if is < was {
			verdict = "less"
		}
		effects = append(effects, tierEffect{field.Title, tierWords(field, e.Before), tierWords(field, e.After), verdict})
	}
	return effects
}
