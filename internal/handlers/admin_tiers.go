package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/settings"
)

const adminTiersPath = "/admin/tiers"

// tierWords say in words what a tier gives.
func tierWords(field settings.TierField, t settings.Tier) string {
	n := field.Of(t)
	if field.Bytes {
		return "up to " + size(n)
	}
	return "up to " + strconv.FormatInt(n, 10) + " " + field.Unit
}

// adminTiers handles GET /admin/tiers.
func (s *Server) adminTiers(c echo.Context) error {
	data := adminTiersPage{page: s.page(c, "Tiers")}
	for _, tier := range models.Tiers() {
		data.Tiers = append(data.Tiers, tierRow{Tier: tier, Gives: s.tierFields(tier, nil)})
	}
	return s.show(c, http.StatusOK, "admin_tiers", data)
}

// tierFields returns what the tier gives, each with its input.
func (s *Server) tierFields(tier models.Tier, typed map[string]string) (fields []tierField) {
	gives := s.SettingEdits.Current().Tier(tier)
	for _, field := range settings.TierFields() {
		fields = append(fields, tierField{settingField: s.settingField(field.Name(tier), field.Title, typed), Words: tierWords(field, gives)})
	}
	return fields
}

// adminTier handles GET /admin/tiers/:tier.
func (s *Server) adminTier(c echo.Context) error {
	tier, err := tierParam(c)
	if err != nil {
		return err
	}
	return s.showTier(c, http.StatusOK, adminTierPage{Tier: tier})
}

func tierParam(c echo.Context) (models.Tier, error) {
	tier := models.Tier(c.Param("tier"))
	if parsed, err := models.ParseTier(string(tier)); err != nil || parsed != tier {
		return "", problem.New(problem.NotFound, "There is no such tier.")
	}
	return tier, nil
}

func (s *Server) showTier(c echo.Context, status int, data adminTierPage) error {
	data.page = s.page(c, "Tier "+string(data.Tier))
	data.Fields = s.tierFields(data.Tier, data.Typed)
	return s.show(c, status, "admin_tier", data)
}

// adminTierSend handles POST /admin/tiers/:tier, which previews or saves.
func (s *Server) adminTierSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	tier, err := tierParam(c)
	if err != nil {
		return err
	}
	data := adminTierPage{Tier: tier, Typed: s.typedSettings(form, settings.TierNames(tier))}
	if form.Get("do") == "preview" {
		effect, err := s.SettingEdits.PreviewTier(c.Request().Context(), actor(c), tier, data.Typed)
		if err != nil {
			return s.tierProblem(c, data, err)
		}
		data.Previewed, data.Effects, data.Count = true, tierEffects(effect), effect.Count
		return s.showTier(c, http.StatusOK, data)
	}
	if err := s.SettingEdits.Save(c.Request().Context(), actor(c), data.Typed); err != nil {
		return s.tierProblem(c, data, err)
	}
	return c.Redirect(http.StatusSeeOther, adminTiersPath+"/"+string(tier)+"?notice=saved")
}

func (s *Server) tierProblem(c echo.Context, data adminTierPage, err error) error {
	return s.showForm(err, func(status int, problems Problems) error {
		data.Problems = problems
		return s.showTier(c, status, data)
	})
}

// tierEffects compares what the tier gives before and after a change.
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
