package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/limits"
)

// A usageJSON has the limits of the visitor, and how much of each is used.
type usageJSON struct {
	Tier         string          `json:"tier"`
	StorageUsed  int64           `json:"storage_used"`
	StorageQuota int64           `json:"storage_quota"`
	MaxFileSize  int64           `json:"max_file_size"`
	MaxImageSide int             `json:"max_image_side"`
	MaxPostFiles int             `json:"max_post_files"`
	Limits       []usageRuleJSON `json:"limits"`
}

// A usageRuleJSON is a rule of the limits.
type usageRuleJSON struct {
	Act     string            `json:"act"`
	Group   string            `json:"group"`
	Unit    string            `json:"unit"` // times, bytes or at_once
	Windows []usageWindowJSON `json:"windows"`
}

// A usageWindowJSON is a rate of a rule. Times are in seconds.
type usageWindowJSON struct {
	Name    string `json:"name"` // as in the header RateLimit
	Limit   int64  `json:"limit"`
	Used    int64  `json:"used"`
	Period  int    `json:"period,omitempty"`
	ResetIn int    `json:"reset_in"`
}

// UsageShow handles GET /api/v1/me/usage.
func (a *API) UsageShow(c echo.Context) error {
	groups, err := a.UsageOf(c)
	if err != nil {
		return err
	}
	who := gate.Visitor(c)
	policy := a.Files.PolicyOf(who)
	usage := usageJSON{
		Tier: string(who.Tier), StorageUsed: who.StorageUsed, StorageQuota: policy.Storage, MaxFileSize: policy.MaxFileSize,
		MaxImageSide: policy.Images.MaxSide, MaxPostFiles: a.Posts.MaxFilesOf(who), Limits: []usageRuleJSON{},
	}
	units := map[limits.Unit]string{limits.Times: "times", limits.Bytes: "bytes", limits.AtOnce: "at_once"}
	for _, g := range groups {
		for _, use := range g.Uses {
			usage.Limits = append(usage.Limits, usageRuleJSON{
				Act: string(use.Rule.Act), Group: g.Name, Unit: units[use.Rule.Unit],
				Windows: itemsOf(use.Windows, func(w limits.Window) usageWindowJSON {
					return usageWindowJSON{w.Name, w.Limit, w.Limit - w.Remaining, gate.WholeSeconds(w.Period), gate.WholeSeconds(w.ResetIn)}
				}),
			})
		}
	}
	return sendJSON(c, http.StatusOK, usage)
}
