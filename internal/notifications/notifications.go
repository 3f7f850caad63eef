// Package notifications tells users what happened to their things, on the site and by
// email. It alone knows who is notified of what, and what an email about it says.
//
// Other services queue a job of package models in the transaction of the thing itself,
// so that nothing is lost, and so that nobody can tell from an answer who is notified.
package notifications

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
)

// The limits of notifications.
const (
	PageSize    = 50                  // notifications on a page of the list
	MaxMentions = 10                  // users that one text can mention
	MaxPerHour  = 20                  // unread notifications of a kind in an hour; others are counted up in one more
	Keep        = 90 * 24 * time.Hour // then a notification is deleted
	DigestEvery = 24 * time.Hour      // between the daily emails to a user
	MaxLines    = 30                  // notifications in an email
	batchSize   = 500                 // rows in one transaction
)

// A Service notifies users. All fields but Mail must be set.
type Service struct {
	DB        *database.DB
	Jobs      *jobs.Queue
	Mail      *mail.Sender // nil: there is no mail server
	Key       seal.Key     // seals the links that end emails
	PublicURL string
	Now       func() time.Time
}

// now returns the current time as the database stores it: in UTC, with microseconds.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// SendsMail reports whether there is a mail server.
func (s *Service) SendsMail() bool { return s.Mail != nil }

// notify notifies n.UserID as they chose, unless n.ActorID is the same user or the user
// has been notified of the event before.
func (s *Service) notify(ctx context.Context, n models.Notification) error {
	if n.ActorID != nil && *n.ActorID == n.UserID {
		return nil
	}
	n.ID, n.CreatedAt = rand.Text(), s.now()
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		delivery, err := tx.DeliveryOf(ctx, n.UserID, n.Kind)
		if err != nil || delivery == models.DeliverOff {
			return err
		}
		fresh, err := tx.ClaimEvent(ctx, n.UserID, n.Event(), n.CreatedAt)
		if err != nil || !fresh {
			return err
		}
		crowded, err := tx.CrowdedNotifications(ctx, n, n.CreatedAt.Add(-time.Hour), MaxPerHour)
		if err != nil {
			return err
		}
		if crowded {
			n.Object, n.About, n.Words, n.ActorID = "", models.AboutMore, "", nil
		}
		return s.store(ctx, tx, n, delivery)
	})
}

// store adds n, and queues its email if one is to be sent at once. A notification that
// is only counted up is in no email at once.
func (s *Service) store(ctx context.Context, tx *database.DB, n models.Notification, delivery models.Delivery) error {
	switch {
	case s.Mail == nil:
	case delivery == models.DeliverAtOnce:
		n.Batch = n.ID
	case delivery == models.DeliverDaily:
		n.DigestSince = &n.CreatedAt
	}
	added, err := tx.AddNotification(ctx, n)
	if err != nil || !added || n.Batch == "" {
		return err
	}
	return s.Jobs.Add(ctx, tx, models.MailNotifications{UserID: n.UserID, Batch: n.Batch})
}

// List returns a page of the user's notifications, newest first.
func (s *Service) List(ctx context.Context, who models.User, before models.Cursor) (models.Page[models.NotificationView], error) {
	return s.DB.NotificationsOf(ctx, who.ID, before, PageSize)
}

// Open marks the user's own notification as read and returns it, or NotFound.
func (s *Service) Open(ctx context.Context, who models.User, id string) (models.Notification, error) {
	n, err := s.DB.NotificationOf(ctx, who.ID, id)
	if err != nil {
		return n, err
	}
	return n, s.DB.MarkNotificationRead(ctx, who.ID, id, s.now())
}

// ReadAll marks all notifications of the user as read.
func (s *Service) ReadAll(ctx context.Context, who models.User) error {
	return s.DB.MarkNotificationsRead(ctx, who.ID, s.now(), s.now())
}

// Deliveries returns how the user wants to be notified, by kind.
func (s *Service) Deliveries(ctx context.Context, who models.User) (map[models.NotificationKind]models.Delivery, error) {
	chosen, err := s.DB.DeliveriesOf(ctx, who.ID)
	for _, kind := range models.NotificationKinds() {
		if _, ok := chosen[kind]; !ok && err == nil {
			chosen[kind] = models.DefaultDelivery(kind)
		}
	}
	return chosen, err
}

// Choose stores how the user wants to be notified; a kind that is missing in typed
// stays as it is. Its error joins the problems of all kinds.
func (s *Service) Choose(ctx context.Context, who models.User, typed map[models.NotificationKind]string) error {
	chosen, err := s.Deliveries(ctx, who)
	if err != nil {
		return err
	}
	var errs []error
	var choices []models.NotificationChoice
	for _, kind := range models.NotificationKinds() {
		text, ok := typed[kind]
		if !ok {
			continue
		}
		delivery, err := models.ParseDelivery(string(kind), text)
		if err == nil && delivery.ByMail() && !s.SendsMail() {
			err = problem.OnField(string(kind), "This site sends no email. Choose another way.")
		}
		errs = append(errs, err)
		if delivery == models.DeliverSite && chosen[kind].ByMail() && !s.SendsMail() {
			continue // what they chose holds again once the site sends email
		}
		choices = append(choices, models.NotificationChoice{UserID: who.ID, Kind: kind, Delivery: delivery})
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		for _, c := range choices {
			if err := tx.SetDelivery(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// Expire performs the job models.ExpireNotifications.
func (s *Service) Expire(ctx context.Context, _ models.ExpireNotifications) error {
	for {
		n, err := s.DB.DeleteNotificationsBefore(ctx, s.now().Add(-Keep), batchSize)
		if err != nil || n < batchSize {
			return err
		}
	}
}
