package site

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// notificationListPage is the page "notification_list". Its forms have no fields.
type notificationListPage struct {
	page.Frame
	Notifications []models.NotificationView
	Older         string // URL of the next page of the list; empty: none
}

const notificationsPath = "/notifications"

// NotificationList handles GET /notifications: the user's notifications, newest first.
func (s *Site) NotificationList(c echo.Context) error {
	before, err := gate.CursorParam(c, "before")
	if err != nil {
		return err
	}
	found, err := s.Notifications.List(c.Request().Context(), gate.Visitor(c), before)
	if err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "notification_list", notificationListPage{
		Frame: s.Frame(c, "Notifications"), Notifications: found.Items, Older: page.NextURL(notificationsPath, "before", found.Next),
	})
}

// NotificationOpen handles GET /notifications/:id: it marks a notification as read and
// leads to what it is about.
func (s *Site) NotificationOpen(c echo.Context) error {
	n, err := s.Notifications.Open(c.Request().Context(), gate.Visitor(c), c.Param("id"))
	if err != nil {
		return err
	}
	address, err := s.addressOf(c, n)
	if problem.KindOf(err) == problem.NotFound {
		return s.Tell(c, notificationsPath, "gone")
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// addressOf returns the URL of what a notification leads to.
func (s *Site) addressOf(c echo.Context, n models.Notification) (string, error) {
	kind, id, _ := strings.Cut(n.Object, ":")
	switch {
	case !n.Leads():
		return notificationsPath, nil
	case kind == string(models.SubjectComment):
		comment, err := s.Posts.Comment(c.Request().Context(), gate.Visitor(c), models.CommentID(id))
		if err != nil {
			return "", err
		}
		return s.commentAddress(c, comment.PostID, comment.ID)
	case kind == string(models.SubjectPost):
		_, err := s.Posts.Show(c.Request().Context(), gate.Visitor(c), models.PostID(id))
		return "/posts/" + id, err
	case strings.HasPrefix(n.Object, models.ShareObject("")):
		_, err := s.Shares.Show(c.Request().Context(), gate.Visitor(c), models.ShareID(id))
		return sharesPath + "/" + id, err
	case n.Kind == models.NotificationReceived:
		_, err := s.Requests.Show(c.Request().Context(), gate.Visitor(c), models.FileRequestID(id))
		return requestsPath + "/" + id, err
	}
	return notificationsPath, nil
}

// NotificationRead handles POST /notifications/:id/read: it marks one as read.
func (s *Site) NotificationRead(c echo.Context) error {
	if _, err := s.Notifications.Open(c.Request().Context(), gate.Visitor(c), c.Param("id")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notificationsPath)
}

// NotificationsRead handles POST /notifications/read: it marks all notifications as read.
func (s *Site) NotificationsRead(c echo.Context) error {
	if err := s.Notifications.ReadAll(c.Request().Context(), gate.Visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notificationsPath)
}
