package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// unreadCount is how many unread notifications the user u has, up to 100.
const unreadCount = `(SELECT count(*) FROM (SELECT 1 FROM notifications n WHERE n.user_id = u.id AND n.read_at IS NULL LIMIT 100) counted)`

// notificationColumns are the columns of a notification n with its actor w, in the order
// of notificationFields.
const notificationColumns = `n.id, n.user_id, n.kind, n.object, n.about, n.words, n.actor_id, n.times, n.created_at, n.read_at,
	n.digest_since, n.batch, COALESCE(w.username, '')`

// notificationFields returns where to scan notificationColumns.
func notificationFields(v *models.NotificationView) []any {
	return []any{&v.ID, &v.UserID, &v.Kind, &v.Object, &v.About, &v.Words, &v.ActorID, &v.Times, &v.CreatedAt, &v.ReadAt,
		&v.DigestSince, &v.Batch, &v.Actor}
}

// CreateNotification inserts n.
func (db *DB) CreateNotification(ctx context.Context, n *models.Notification) error {
	n.Times = max(n.Times, 1)
	return create(ctx, db, "notification", n)
}

// AddNotification inserts n, or counts up the user's unread notification of its kind
// about the same thing. It reports whether n is a new row.
func (db *DB) AddNotification(ctx context.Context, n models.Notification) (added bool, err error) {
	const add = `
		INSERT INTO notifications (id, user_id, kind, object, about, words, actor_id, times, created_at, digest_since, batch)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10)
		ON CONFLICT (user_id, kind, about) WHERE read_at IS NULL AND about <> ''
		DO UPDATE SET times = notifications.times + 1, actor_id = excluded.actor_id, created_at = excluded.created_at,
			digest_since = COALESCE(notifications.digest_since, excluded.digest_since)
		RETURNING times`
	err = db.Tx(ctx, func(tx *DB) error {
		return tx.row(ctx, add, []any{n.ID, n.UserID, n.Kind, n.Object, n.About, n.Words, n.ActorID, n.CreatedAt, n.DigestSince, n.Batch},
			&n.Times)
	})
	return n.Times == 1, db.classify(err, "notification")
}

// CrowdedNotifications reports whether the user has at least so many unread
// notifications of the kind since a time, and none of them is about the given thing.
func (db *DB) CrowdedNotifications(ctx context.Context, n models.Notification, since time.Time, most int) (crowded bool, err error) {
	const find = `
		SELECT (SELECT 1 FROM notifications WHERE user_id = $1 AND kind = $2 AND read_at IS NULL AND about <> ''
				AND created_at > $3 LIMIT 1 OFFSET $4) IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM notifications WHERE user_id = $1 AND kind = $2 AND about = $5 AND read_at IS NULL AND about <> '')`
	err = db.row(ctx, find, []any{n.UserID, n.Kind, since, most - 1, n.About}, &crowded)
	return crowded, db.classify(err, "notification")
}

// ClaimEvent records that the user is notified of an event. It reports false if that
// is recorded already.
func (db *DB) ClaimEvent(ctx context.Context, user models.UserID, event string, now time.Time) (bool, error) {
	const claim = `INSERT INTO notified_events (user_id, event, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	n, err := db.exec(ctx, claim, user, event, now)
	return n == 1, db.classify(err, "event")
}

// NotificationsOf returns the user's notifications that are older than before, newest
// first.
func (db *DB) NotificationsOf(
	ctx context.Context, user models.UserID, before models.Cursor, limit int,
) (models.Page[models.NotificationView], error) {
	const find = `
		SELECT ` + notificationColumns + ` FROM notifications n LEFT JOIN users w ON w.id = n.actor_id
		WHERE n.user_id = $1 AND (n.created_at, n.id) < ($2, $3) ORDER BY n.created_at DESC, n.id DESC LIMIT $4`
	items, err := list(ctx, db, find, []any{user, start(before), before.ID, limit + 1}, notificationFields)
	return models.PageOf(items, limit, models.NotificationView.Cursor), db.classify(err, "notification")
}

// NotificationByID returns the notification without asking for rights, or NotFound.
// It is for jobs.
func (db *DB) NotificationByID(ctx context.Context, id string) (models.Notification, error) {
	n, err := take[models.Notification](ctx, db, "id = ?", id)
	return n, db.classify(err, "notification")
}

// NotificationOf returns the user's own notification, or NotFound.
func (db *DB) NotificationOf(ctx context.Context, user models.UserID, id string) (models.Notification, error) {
	n, err := take[models.Notification](ctx, db, "id = ? AND user_id = ?", id, user)
	return n, db.classify(err, "notification")
}

// MarkNotificationsRead marks the user's notifications up to a time as read.
func (db *DB) MarkNotificationsRead(ctx context.Context, user models.UserID, upTo, now time.Time) error {
	const read = `UPDATE notifications SET read_at = $1, digest_since = NULL WHERE user_id = $2 AND read_at IS NULL AND created_at <= $3`
	_, err := db.exec(ctx, read, now, user, upTo)
	return db.classify(err, "notification")
}

// MarkNotificationRead marks the user's own notification as read, if it is not.
func (db *DB) MarkNotificationRead(ctx context.Context, user models.UserID, id string, now time.Time) error {
	const read = `UPDATE notifications SET read_at = $1, digest_since = NULL WHERE id = $2 AND user_id = $3 AND read_at IS NULL`
	_, err := db.exec(ctx, read, now, id, user)
	return db.classify(err, "notification")
}

// DeleteNotificationsBefore removes up to limit notifications, and up to limit records
// of events, that are older than then. It returns the larger of the two numbers.
func (db *DB) DeleteNotificationsBefore(ctx context.Context, then time.Time, limit int) (int, error) {
	const old = `
		DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	const events = `
		DELETE FROM notified_events WHERE (user_id, event) IN
			(SELECT user_id, event FROM notified_events WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	first, err := db.exec(ctx, old, then, limit)
	if err != nil {
		return 0, db.classify(err, "notification")
	}
	second, err := db.exec(ctx, events, then, limit)
	return int(max(first, second)), db.classify(err, "event")
}
