package gate

import (
	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// UsageGroups are the acts of the policy in the order that people are shown
// them. An act without a group is not shown.
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

// UsedActs returns, by role, the acts that the routes and their guards count for
// users of that role: nobody needs to know of a limit on what is not for them.
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

// A usageGroup is rules that belong together, each with where one stands.
type usageGroup struct {
	Name, Title string
	Uses        []limits.Use
}

// UsageOf returns where the visitor stands with every rule that is in use.
func (g *Gate) UsageOf(c echo.Context) ([]usageGroup, error) {
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
	var groups []usageGroup
	for _, g := range UsageGroups {
		group := usageGroup{Name: g.Name, Title: g.Title}
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
