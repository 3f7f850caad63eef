package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/models"
)

// settingsNotificationsPage is the page "settings_notifications".
type settingsNotificationsPage struct {
	page.Frame
	Rows      []deliveryRow
	SendsMail bool
	Problems  page.Problems
}

// A deliveryRow is a kind of notification whose delivery the user chooses.
type deliveryRow struct {
	Name    string // of the field
	Label   string
	Options []page.Choice
}

// deliveryLabels are the labels of the kinds.
var deliveryLabels = map[models.NotificationKind]string{
	models.NotificationComment: "Someone comments on your post",
	models.NotificationMention: "Someone mentions you by @name",

	models.NotificationFirstPickup: "Someone downloads through your link for the first time",
	models.NotificationUsedUp:      "Your link is used up",
	models.NotificationUnused:      "Your link expires within a day, and nobody has used it",

	models.NotificationReceived: "Someone leaves a file for your file request",
}

// deliveryWords are the labels of the deliveries.
var deliveryWords = map[models.Delivery]string{
	models.DeliverAtOnce: "On the site and by email, at once",
	models.DeliverDaily:  "On the site and in a daily email",
	models.DeliverSite:   "Only on the site",
	models.DeliverOff:    "Off",
}

// deliveryRows returns the rows of the form with the chosen deliveries.
func (s *Site) deliveryRows(chosen map[models.NotificationKind]models.Delivery) (rows []deliveryRow) {
	for _, kind := range models.NotificationKinds() {
		row := deliveryRow{Name: string(kind), Label: deliveryLabels[kind]}
		at := chosen[kind]
		if at.ByMail() && !s.Notifications.SendsMail() {
			at = models.DeliverSite
		}
		for _, d := range models.Deliveries() {
			if !d.ByMail() || s.Notifications.SendsMail() {
				row.Options = append(row.Options, page.Choice{Value: string(d), Words: deliveryWords[d], Chosen: d == at})
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// showChoices shows the page with the chosen deliveries and what is wrong with them.
func (s *Site) showChoices(
	c echo.Context, status int, chosen map[models.NotificationKind]models.Delivery, problems page.Problems,
) error {
	return s.Show(c, status, "settings_notifications", settingsNotificationsPage{
		Frame: s.Frame(c, "Notifications"), Rows: s.deliveryRows(chosen), SendsMail: s.Notifications.SendsMail(), Problems: problems,
	})
}

// NotificationChoices handles GET /settings/notifications: how the user is notified.
func (s *Site) NotificationChoices(c echo.Context) error {
	chosen, err := s.Notifications.Deliveries(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	return s.showChoices(c, http.StatusOK, chosen, nil)
}

// NotificationChoicesSave handles POST /settings/notifications.
func (s *Site) NotificationChoicesSave(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	typed := map[models.NotificationKind]string{}
	chosen, err := s.Notifications.Deliveries(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	for _, kind := range models.NotificationKinds() {
		if form.Has(string(kind)) {
			typed[kind] = form.Get(string(kind))
			chosen[kind] = models.Delivery(typed[kind])
		}
	}
	if err := s.Notifications.Choose(c.Request().Context(), gate.Visitor(c), typed); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error { return s.showChoices(c, status, chosen, problems) })
	}
	return s.Tell(c, "/settings/notifications", "saved")
}

// unsubscribePage is the page "unsubscribe".
type unsubscribePage struct {
	page.Frame
	Done bool
}

// UnsubscribeForm handles GET /unsubscribe/:token: the button that ends emails. It
// changes nothing, because mail scanners open links too.
func (s *Site) UnsubscribeForm(c echo.Context) error {
	if err := s.Notifications.CheckLeave(c.Param("token")); err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "unsubscribe", unsubscribePage{Frame: s.Frame(c, "Stop these emails"), Done: false})
}

// Unsubscribe handles POST /unsubscribe/:token, from the page or from a mail program
// (RFC 8058). The token alone permits it: a mail program has neither cookie nor form.
func (s *Site) Unsubscribe(c echo.Context) error {
	if err := s.Notifications.Leave(c.Request().Context(), c.Param("token")); err != nil {
		return err
	}
	return s.Show(c, http.StatusOK, "unsubscribe", unsubscribePage{Frame: s.Frame(c, "You won't get these emails any more"), Done: true})
}
