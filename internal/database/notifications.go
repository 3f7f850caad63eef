package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// hasUnread is true if the user u has an unread notification.
const hasUnread = `EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = u.id AND n.read_at IS NULL)`

// CreateNotification inserts n.
func (db *DB) CreateNotification(ctx context.Context, n *models.Notification) error {
	return create(ctx, db, "notification", n)
}

// NotificationsOf returns the user's notifications that are older than before, newest
// first.
func (db *DB) NotificationsOf(
	ctx context.Context, user models.UserID, before models.Cursor, limit int,
) (models.Page[models.Notification], error) {
	found, err := gorm.G[models.Notification](db.gorm).Where("user_id = ? AND (created_at, id) < (?, ?)", user, start(before), before.ID).
		Order("created_at DESC, id DESC").Limit(limit + 1).Find(db.uncancelled(ctx))
	if err != nil {
		return models.Page[models.Notification]{}, db.classify(err, "notification")
	}
	return models.PageOf(found, limit, models.Notification.Cursor), nil
}

// NotificationByID returns the notification without asking for rights, or NotFound.
// It is for jobs.
func (db *DB) NotificationByID(ctx context.Context, id string) (models.Notification, error) {
	n, err := gorm.G[models.Notification](db.gorm).Where("id = ?", id).Take(ctx)
	return n, db.classify(err, "notification")
}

// MarkNotificationsRead marks the user's notifications up to a time as read.
func (db *DB) MarkNotificationsRead(ctx context.Context, user models.UserID, upTo, now time.Time) error {
	const read = `UPDATE notifications SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL AND created_at <= $3`
	_, err := db.exec(ctx, read, now, user, upTo)
	return db.classify(err, "notification")
}
