package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"example.org/cloakroom/internal/models"
)

// hasUnread is true if there is a notice that the user u has not read.
const hasUnread = `EXISTS (SELECT 1 FROM notices n WHERE n.user_id = u.id AND n.read_at IS NULL)`

// CreateNotice inserts n.
func (db *DB) CreateNotice(ctx context.Context, n *models.Notice) error {
	return create(ctx, db, "notice", n)
}

// NoticesOf returns the user's notices, newest first, that are older than before.
func (db *DB) NoticesOf(ctx context.Context, user models.UserID, before models.Cursor, limit int) (models.Page[models.Notice], error) {
	found, err := gorm.G[models.Notice](db.gorm).Where("user_id = ? AND (created_at, id) < (?, ?)", user, start(before), before.ID).
		Order("created_at DESC, id DESC").Limit(limit + 1).Find(db.uncancelled(ctx))
	if err != nil {
		return models.Page[models.Notice]{}, db.classify(err, "notice")
	}
	return models.PageOf(found, limit, models.Notice.Cursor), nil
}

// NoticeByID returns the notice, whoever asks, or NotFound. It is for jobs.
func (db *DB) NoticeByID(ctx context.Context, id string) (models.Notice, error) {
	n, err := gorm.G[models.Notice](db.gorm).Where("id = ?", id).Take(ctx)
	return n, db.classify(err, "notice")
}

// ReadNotices notes that the user has read the notices up to a time.
func (db *DB) ReadNotices(ctx context.Context, user models.UserID, upTo, now time.Time) error {
	const read = `UPDATE notices SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL AND created_at <= $3`
	_, err := db.exec(ctx, read, now, user, upTo)
	return db.classify(err, "notice")
}
