package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// usageGroups are the acts of the policy in the order that people are shown
// them. An act without a group is not shown.
var usageGroups = []struct {
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

// usedActs returns, by role, the acts that the routes and their guards count for
// users of that role: nobody needs to know of a limit on what is not for them.
func usedActs(routes []Route) map[models.Role]map[limits.Act]bool {
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

// usageOf returns where the visitor stands with every rule that is in use.
func (s *Server) usageOf(c echo.Context) ([]usageGroup, error) {
	uses, err := s.Limits.Usage(c.Request().Context(), caller(c))
	if err != nil {
		return nil, err
	}
	byAct, used := map[limits.Act]limits.Use{}, s.used[visitor(c).Role]
	for _, use := range uses {
		if used[use.Rule.Act] {
			byAct[use.Rule.Act] = use
		}
	}
	var groups []usageGroup
	for _, g := range usageGroups {
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

// settingsUsage handles GET /settings/usage.
func (s *Server) settingsUsage(c echo.Context) error {
	groups, err := s.usageOf(c)
	if err != nil {
		return err
	}
	who := visitor(c)
	policy := s.Files.PolicyOf(who)
	data := settingsUsagePage{
		page: s.page(c, "Usage"), Used: who.StorageUsed, Quota: policy.Storage, Limits: s.uploadLimits(c), MaxSide: policy.Images.MaxSide,
	}
	for _, g := range groups {
		section := usageSection{Name: g.Name, Title: g.Title}
		for _, use := range g.Uses {
			section.Rules = append(section.Rules, usageRule{Says: use.Rule.Says, Bars: barsOf(use)})
		}
		data.Sections = append(data.Sections, section)
	}
	return s.show(c, http.StatusOK, "settings_usage", data)
}

// barsOf says of each rate of a rule how much of it is used.
func barsOf(use limits.Use) (bars []usageBar) {
	for _, w := range use.Windows {
		amount := func(n int64) string { return strconv.FormatInt(n, 10) }
		if use.Rule.Unit == limits.Bytes {
			amount = size
		}
		gone := w.Limit - w.Remaining
		bar := usageBar{Percent: percent(gone, w.Limit), Text: amount(gone) + " of " + amount(w.Limit)}
		if use.Rule.Unit == limits.AtOnce {
			bar.Text += " in progress"
		} else {
			bar.Text += " in " + aPeriod(w.Period)
		}
		if gone > 0 && w.ResetIn > 0 {
			bar.More = "resets in " + limits.InWords(w.ResetIn)
		}
		bars = append(bars, bar)
	}
	return bars
}

// aPeriod is a period with its article.
func aPeriod(d time.Duration) string {
	if d == time.Hour {
		return "an hour"
	}
	return "a " + limits.PeriodName(d)
}

// An apiUsage is what the visitor may do, and how much of it is used.
type apiUsage struct {
	Tier         string         `json:"tier"`
	StorageUsed  int64          `json:"storage_used"`
	StorageQuota int64          `json:"storage_quota"`
	MaxFileSize  int64          `json:"max_file_size"`
	MaxImageSide int            `json:"max_image_side"`
	MaxPostFiles int            `json:"max_post_files"`
	Limits       []apiUsageRule `json:"limits"`
}

// An apiUsageRule is one rule of the policy.
type apiUsageRule struct {
	Act     string           `json:"act"`
	Group   string           `json:"group"`
	Unit    string           `json:"unit"` // times, bytes or at_once
	Windows []apiUsageWindow `json:"windows"`
}

// An apiUsageWindow is one rate of a rule. Times are in seconds.
type apiUsageWindow struct {
	Name    string `json:"name"` // as in the header RateLimit
	Limit   int64  `json:"limit"`
	Used    int64  `json:"used"`
	Period  int    `json:"period,omitempty"`
	ResetIn int    `json:"reset_in"`
}

// apiMeUsage handles GET /api/v1/me/usage.
func (s *Server) apiMeUsage(c echo.Context) error {
	groups, err := s.usageOf(c)
	if err != nil {
		return err
	}
	who := visitor(c)
	policy := s.Files.PolicyOf(who)
	usage := apiUsage{
		Tier: string(who.Tier), StorageUsed: who.StorageUsed, StorageQuota: policy.Storage, MaxFileSize: policy.MaxFileSize,
		MaxImageSide: policy.Images.MaxSide, MaxPostFiles: s.Posts.MaxFilesOf(who), Limits: []apiUsageRule{},
	}
	units := map[limits.Unit]string{limits.Times: "times", limits.Bytes: "bytes", limits.AtOnce: "at_once"}
	for _, g := range groups {
		for _, use := range g.Uses {
			usage.Limits = append(usage.Limits, apiUsageRule{
				Act: string(use.Rule.Act), Group: g.Name, Unit: units[use.Rule.Unit],
				Windows: itemsOf(use.Windows, func(w limits.Window) apiUsageWindow {
					return apiUsageWindow{w.Name, w.Limit, w.Limit - w.Remaining, wholeSeconds(w.Period), wholeSeconds(w.ResetIn)}
				}),
			})
		}
	}
	return sendJSON(c, http.StatusOK, usage)
}
