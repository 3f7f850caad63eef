package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// settingsNoticesPage is the page "settings_notices". Its form has no fields.
type settingsNoticesPage struct {
	page.Frame
	Notices []models.Notification
	Older   string // address of the next stretch of the list; empty: its end
}

const (
	noticesPath     = "/settings/notices"
	sentReportsPath = "/settings/reports"
)

// NotificationList handles GET /settings/notices.
func (s *Site) NotificationList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Moderation.Notices(c.Request().Context(), gate.Visitor(c), before)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "settings_notices", settingsNoticesPage{
		Frame: s.Frame(c, "Notifications"), Notices: found.Items, Older: page.NextAddress(noticesPath, "before", found.Next),
	})
}

// NotificationsRead handles POST /settings/notices/read.
func (s *Site) NotificationsRead(c echo.Context) error {
	if err := s.Moderation.ReadNotices(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, noticesPath)
}
