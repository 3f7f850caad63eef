package handlers

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
)

const adminBrowserReportsPath = "/admin/browser-reports"

// adminBrowserReports handles GET /admin/browser-reports.
func (s *Server) adminBrowserReports(c echo.Context) error {
	before, err := cursorParam(c, "before")
	if err != nil {
		return err
	}
	kind := models.BrowserReportKind(c.QueryParam("kind"))
	list, err := s.Reports.List(c.Request().Context(), kind, before)
	if err != nil {
		return err
	}
	data := adminBrowserReportsPage{page: s.page(c, "Browser reports"), Kind: kind, Kinds: list.Kinds, Reports: list.Items}
	if kind != "" && !slices.Contains(data.Kinds, kind) {
		data.Kinds = append(data.Kinds, kind) // so that the form comes back as it was sent
	}
	if !list.Next.IsZero() {
		data.Older = browserReportsOf(kind, url.Values{"before": {list.Next.String()}})
	}
	return s.show(c, http.StatusOK, "admin_browser_reports", data)
}

// browserReportsOf is the address of the list of a kind, or of all if it is empty.
func browserReportsOf(kind string, query url.Values) string {
	if kind != "" {
		query.Set("kind", kind)
	}
	return adminBrowserReportsPath + "?" + query.Encode()
}

// adminBrowserReportDelete handles POST /admin/browser-reports/delete.
func (s *Server) adminBrowserReportDelete(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.Reports.Delete(c.Request().Context(), actor(c), form.Get("report")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, browserReportsOf(form.Get("kind"), url.Values{"notice": {"deleted"}}))
}

// adminBrowserReportsDelete handles POST /admin/browser-reports/delete-all.
func (s *Server) adminBrowserReportsDelete(c echo.Context) error {
	if err := s.Reports.DeleteAll(c.Request().Context(), actor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, browserReportsOf("", url.Values{"notice": {"deleted"}}))
}
