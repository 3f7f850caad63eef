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

// tierTitles are what a tier gives, in the order of settings.TierNames.
var tierTitles = [4]string{"A file", "All files together", "The longest side of a picture", "Files of a post"}

// tierWords say that of a tier as people do.
func tierWords(t settings.Tier) [4]string {
	return [4]string{
		"up to " + size(int64(t.MaxFileSize)), size(int64(t.Storage)),
		"up to " + count(t.MaxSide, "pixel", "pixels"), "up to " + strconv.Itoa(t.MaxPostFiles),
	}
}

// adminTiers handles GET /admin/tiers.
func (s *Server) adminTiers(c echo.Context) error {
	data := adminTiersPage{page: s.page(c, "Tiers")}
	for _, tier := range models.Tiers() {
		data.Tiers = append(data.Tiers, tierRow{Tier: tier, Gives: s.tierFields(tier, nil)})
	}
	return s.show(c, http.StatusOK, "admin_tiers", data)
}

// tierFields returns what the tier gives, each with the field it is typed into.
func (s *Server) tierFields(tier models.Tier, typed map[string]string) (fields []tierField) {
	words := tierWords(s.SettingEdits.Current().Tier(tier))
	for i, name := range settings.TierNames(tier) {
		fields = append(fields, tierField{settingField: s.settingField(name, tierTitles[i], typed), Words: words[i]})
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

// adminTierSend handles POST /admin/tiers/:tier: the form is looked at first,
// and holds once it is sent again to do so.
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

// tierEffects says what a change does to what the tier gives.
func tierEffects(e settings.TierEffect) (effects []tierEffect) {
	before, after := tierWords(e.Before), tierWords(e.After)
	was := [4]int64{int64(e.Before.MaxFileSize), int64(e.Before.Storage), int64(e.Before.MaxSide), int64(e.Before.MaxPostFiles)}
	is := [4]int64{int64(e.After.MaxFileSize), int64(e.After.Storage), int64(e.After.MaxSide), int64(e.After.MaxPostFiles)}
	for i, title := range tierTitles {
		switch {
		case is[i] < was[i]:
			effects = append(effects, tierEffect{title, before[i], after[i], "less"})
		case is[i] > was[i]:
			effects = append(effects, tierEffect{title, before[i], after[i], "more"})
		}
	}
	return effects
}
