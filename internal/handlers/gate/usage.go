package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// UsageGroups are the acts that people see, in groups and in order. Acts without a
// group are hidden.
var UsageGroups = []struct {
	Name, Title string
	Acts        []limits.Act
}{
	{"uploads", "Uploads", []limits.Act{limits.Upload, limits.UploadBytes, limits.UploadsAtOnce}},
	{"downloads", "Downloads", []limits.Act{limits.Download, limits.DownloadBytes, limits.DownloadsAtOnce, limits.Zip}},
	{"writing", "Writing", []limits.Act{limits.Post, limits.Comment, limits.Change, limits.Delete, limits.Report}},
	{"reading", "Reading", []limits.Act{limits.Page, limits.Part, limits.Search}},
	{"api", "API", []limits.Act{limits.APIRead, limits.APIWrite}},
	{"admin", "Administration", []limits.Act{limits.Admin}},
}

// UsedActs returns, by role, the acts that routes and their guards count for users
// of that role, so that pages show users only limits that concern them.
func UsedActs(routes []Route) map[models.Role]map[limits.Act]bool {
	used := map[models.Role]map[limits.Act]bool{}
	for _, role := range models.Roles() {
		used[role] = map[limits.Act]bool{}
		for _, r := range routes {
			if !role.AtLeast(r.Access.Role()) {
				continue
			}
			used[role][r.Act] = true
			if r.Body.Files() {
				used[role][limits.UploadBytes], used[role][limits.UploadsAtOnce] = true, true
			}
			if r.Act == limits.Download {
				used[role][limits.DownloadBytes], used[role][limits.DownloadsAtOnce] = true, true
			}
		}
	}
	return used
}

// A UsageGroup has the rules of one group, with how much of each is used.
type UsageGroup struct {
	Name, Title string
	Uses        []limits.Use
}

// UsageOf returns how much the visitor has used of every rule that concerns them.
func (g *Gate) UsageOf(c echo.Context) ([]UsageGroup, error) {
	uses, err := g.Limits.Usage(c.Request().Context(), Caller(c))
	if err != nil {
		return nil, err
	}
	byAct, used := map[limits.Act]limits.Use{}, g.Used[Visitor(c).Role]
	for _, use := range uses {
		if used[use.Rule.Act] {
			byAct[use.Rule.Act] = use
		}
	}
	var groups []UsageGroup
	for _, g := range UsageGroups {
		group := UsageGroup{Name: g.Name, Title: g.Title}
		for _, act := range g.Acts {
			if use, ok := byAct[act]; ok {
				group.Uses = append(group.Uses, use)
			}
		}
		if len(group.Uses) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, nil
}
