package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// DeliveryOf returns the delivery that the user chose for a kind, or the default.
func (db *DB) DeliveryOf(ctx context.Context, user models.UserID, kind models.NotificationKind) (models.Delivery, error) {
	chosen, err := db.DeliveriesOf(ctx, user)
	if delivery, ok := chosen[kind]; ok {
		return delivery, err
	}
	return models.DefaultDelivery(kind), err
}

// DeliveriesOf returns the deliveries that the user chose, by kind.
func (db *DB) DeliveriesOf(ctx context.Context, user models.UserID) (map[models.NotificationKind]models.Delivery, error) {
	const find = `SELECT kind, delivery FROM notification_choices WHERE user_id = $1`
	rows, err := list(ctx, db, find, []any{user}, func(c *models.NotificationChoice) []any { return []any{&c.Kind, &c.Delivery} })
	chosen := make(map[models.NotificationKind]models.Delivery, len(rows))
	for _, c := range rows {
		chosen[c.Kind] = c.Delivery
	}
	return chosen, db.classify(err, "choice")
}

// SetDelivery stores the delivery that a user chose for a kind. Notifications of the
// kind leave the daily email if it is no longer daily.
func (db *DB) SetDelivery(ctx context.Context, c models.NotificationChoice) error {
	const put = `
		INSERT INTO notification_choices (user_id, kind, delivery) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, kind) DO UPDATE SET delivery = excluded.delivery`
	const leave = `UPDATE notifications SET digest_since = NULL WHERE user_id = $1 AND kind = $2 AND digest_since IS NOT NULL`
	return db.Tx(ctx, func(tx *DB) error {
		_, err := tx.exec(ctx, put, c.UserID, c.Kind, c.Delivery)
		if err == nil && c.Delivery != models.DeliverDaily {
			_, err = tx.exec(ctx, leave, c.UserID, c.Kind)
		}
		return tx.classify(err, "choice")
	})
}

// DueDigests returns up to limit users with a notification that has waited for the
// daily email since a time or longer. A user can occur more than once.
func (db *DB) DueDigests(ctx context.Context, since time.Time, limit int) ([]models.UserID, error) {
	const find = `
		SELECT user_id FROM notifications WHERE digest_since IS NOT NULL AND digest_since <= $1 ORDER BY digest_since LIMIT $2`
	users, err := column[models.UserID](ctx, db, find, since, limit)
	return users, db.classify(err, "notification")
}

// ClaimDigest puts the user's notifications that wait for the daily email into a batch,
// if one of them has waited since a time or longer. It reports whether it put any:
// of several nodes, one does.
func (db *DB) ClaimDigest(ctx context.Context, user models.UserID, since time.Time, batch string) (bool, error) {
	const claim = `
		UPDATE notifications SET digest_since = NULL, batch = $1
		WHERE user_id = $2 AND digest_since IS NOT NULL
			AND EXISTS (SELECT 1 FROM notifications d WHERE d.user_id = $2 AND d.digest_since IS NOT NULL AND d.digest_since <= $3)`
	n, err := db.exec(ctx, claim, batch, user, since)
	return n > 0, db.classify(err, "notification")
}

// NotificationBatch returns up to limit of the user's unread notifications in a batch,
// newest first.
func (db *DB) NotificationBatch(ctx context.Context, user models.UserID, batch string, limit int) ([]models.NotificationView, error) {
	const find = `
		SELECT ` + notificationColumns + ` FROM notifications n LEFT JOIN users w ON w.id = n.actor_id
		WHERE n.batch = $1 AND n.batch <> '' AND n.user_id = $2 AND n.read_at IS NULL ORDER BY n.created_at DESC, n.id DESC LIMIT $3`
	found, err := list(ctx, db, find, []any{batch, user, limit}, notificationFields)
	return found, db.classify(err, "notification")
}
