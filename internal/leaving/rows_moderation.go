package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// notices writes the user's notifications.
func (x export) notices(ctx context.Context) error {
	return x.list("notices.json", func(add func(any) error) error {
		return eachOf(func(before models.Cursor) (models.Page[models.NotificationView], error) {
			return x.DB.NotificationsOf(ctx, x.who.ID, before, batch)
		}, func(n models.NotificationView) error {
			return add(struct {
				Kind      models.NotificationKind `json:"kind"`
				Object    string                  `json:"object"`
				Words     string                  `json:"words"`
				CreatedAt time.Time               `json:"created_at"`
				ReadAt    *time.Time              `json:"read_at"`
			}{n.Kind, n.Object, n.Text(), n.CreatedAt.UTC(), n.ReadAt})
		})
	})
}

// choices writes how the user wants to be notified, where they chose.
func (x export) choices(ctx context.Context) error {
	return x.list("notification_choices.json", func(add func(any) error) error {
		chosen, err := x.DB.DeliveriesOf(ctx, x.who.ID)
		for _, kind := range models.NotificationKinds() {
			if delivery, ok := chosen[kind]; ok && err == nil {
				err = add(struct {
					Kind     models.NotificationKind `json:"kind"`
					Delivery models.Delivery         `json:"delivery"`
				}{kind, delivery})
			}
		}
		return err
	})
}

// reports writes the reports that the user sent, with their decisions.
func (x export) reports(ctx context.Context) error {
	return x.list("reports.json", func(add func(any) error) error {
		return eachOf(func(before models.Cursor) (models.Page[models.SentReport], error) {
			return x.DB.SentReports(ctx, x.who.ID, before, batch)
		}, func(r models.SentReport) error {
			return add(struct {
				Object    string              `json:"object"`
				Reason    models.ReportReason `json:"reason"`
				Words     string              `json:"words"`
				CreatedAt time.Time           `json:"created_at"`
				DecidedAt *time.Time          `json:"decided_at"`
				Decision  models.Decision     `json:"decision,omitempty"`
				Note      string              `json:"note,omitempty"`
			}{r.Object, r.Reason, r.Words, r.CreatedAt.UTC(), r.DecidedAt, r.Decision, r.Note})
		})
	})
}

// eachOf calls one for each row of a list that page returns page by page.
func eachOf[T any](page func(before models.Cursor) (models.Page[T], error), one func(T) error) error {
	for before := (models.Cursor{}); ; {
		found, err := page(before)
		if err != nil {
			return err
		}
		for _, row := range found.Items {
			if err := one(row); err != nil {
				return err
			}
		}
		if before = found.Next; before.IsZero() {
			return nil
		}
	}
}
