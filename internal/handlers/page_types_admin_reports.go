package handlers

import "example.org/cloakroom/internal/models"

// adminBrowserReportsPage is the page "admin_browser_reports". Its form is sent
// by GET and has the field kind. What the reports say, strangers wrote.
type adminBrowserReportsPage struct {
	page
	Kind    string // empty: all
	Kinds   []string
	Reports []models.BrowserReport
	Older   string // address of the next stretch of the list; empty: its end
}
