package panel

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// browserReportsPage is the page "admin_browser_reports". Its form is sent by
// GET and has the field kind. Its reports are untrusted text.
type browserReportsPage struct {
	page.Frame
	Kind    string // empty: all
	Kinds   []string
	Reports []models.BrowserReport
	Older   string // URL of the next page of the list; empty: none
}

const browserReportsPath = "/admin/browser-reports"

// BrowserReportList handles GET /admin/browser-reports: reports of browsers,
// filtered by kind.
func (p *Panel) BrowserReportList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	kind := models.BrowserReportKind(c.QueryParam("kind"))
	list, err := p.BrowserReports.List(c.Request().Context(), kind, before)
	if err != nil {
		return err
	}
	data := browserReportsPage{Frame: p.frame(c, "Browser reports"), Kind: kind, Kinds: list.Kinds, Reports: list.Items}
	if kind != "" && !slices.Contains(data.Kinds, kind) {
		data.Kinds = append(data.Kinds, kind) // so that the form keeps its value
	}
	if !list.Next.IsZero() {
		data.Older = browserReportsOf(kind, url.Values{"before": {list.Next.String()}})
	}
	return p.Show(c, http.StatusOK, "admin_browser_reports", data)
}

// browserReportsOf returns the URL of the list of a kind; an empty kind stands
// for all.
func browserReportsOf(kind string, query url.Values) string {
	if kind != "" {
		query.Set("kind", kind)
	}
	if len(query) == 0 {
		return browserReportsPath
	}
	return browserReportsPath + "?" + query.Encode()
}

// BrowserReportDelete handles POST /admin/browser-reports/delete: it deletes
// one report.
func (p *Panel) BrowserReportDelete(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	if err := p.BrowserReports.Delete(c.Request().Context(), gate.Actor(c), form.Get("report")); err != nil {
		return err
	}
	return p.Tell(c, browserReportsOf(form.Get("kind"), url.Values{}), "deleted")
}

// BrowserReportDeleteAll handles POST /admin/browser-reports/delete-all: it
// deletes all reports.
func (p *Panel) BrowserReportDeleteAll(c echo.Context) error {
	if err := p.BrowserReports.DeleteAll(c.Request().Context(), gate.Actor(c)); err != nil {
		return err
	}
	return p.Tell(c, browserReportsPath, "deleted")
}
