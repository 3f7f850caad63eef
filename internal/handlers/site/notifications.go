package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// settingsNotificationsPage is the page "settings_notifications". Its form has
// no fields.
type settingsNotificationsPage struct {
	page.Frame
	Notifications []models.Notification
	Older         string // URL of the next page of the list; empty: none
}

const notificationsPath = "/settings/notifications"

// NotificationList handles GET /settings/notifications: the user's
// notifications, newest first.
func (s *Site) NotificationList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Moderation.Notifications(c.Request().Context(), gate.Visitor(c), before)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "settings_notifications", settingsNotificationsPage{
		Frame: s.Frame(c, "Notifications"), Notifications: found.Items, Older: page.NextURL(notificationsPath, "before", found.Next),
	})
}

// NotificationsRead handles POST /settings/notifications/read: it marks all
// notifications as read.
func (s *Site) NotificationsRead(c echo.Context) error {
	if err := s.Moderation.ReadNotifications(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notificationsPath)
}
