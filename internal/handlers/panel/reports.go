package panel

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// reportsPage is the page "admin_reports". It has no form.
type reportsPage struct {
	page.Frame
	Decided bool // lists decided reports instead of open ones
	Reports []models.ReportView
	More    string // URL of the next page of the list; empty: none
}

const reportsPath = "/admin/reports"

// ReportList handles GET /admin/reports: the open reports, or the decided ones.
func (p *Panel) ReportList(c echo.Context) error {
	data := reportsPage{Frame: p.frame(c, "Reports"), Decided: c.QueryParam("state") == "decided"}
	place, err := gate.CursorParam(c, "from")
	if err != nil {
		return err
	}
	list, next := p.Moderation.OpenReports, url.Values{}
	if data.Decided {
		list = p.Moderation.DecidedReports
		next.Set("state", "decided")
	}
	found, err := list(c.Request().Context(), place)
	if err != nil {
		return err
	}
	data.Reports = found.Items
	if !found.Next.IsZero() {
		next.Set("from", found.Next.String())
		data.More = reportsPath + "?" + next.Encode()
	}
	return p.Show(c, http.StatusOK, "admin_reports", data)
}
