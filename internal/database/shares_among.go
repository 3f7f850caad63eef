package database

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"example.org/cloakroom/internal/models"
)

// Conditions on the shares o of one post or file: they are open at now, and of these the
// latest.
const (
	ofOpenShares = ` AND o.revoked_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > @now)
		AND (o.max_pickups = 0 OR o.picked_up < o.max_pickups)`
	latestFirst = ` ORDER BY o.created_at DESC, o.id DESC LIMIT 1`
)

// OpenSharesOfPosts returns the shares that open one of these posts of owner's at now: of
// each post the latest one, and how many there are.
func (db *DB) OpenSharesOfPosts(
	ctx context.Context, owner models.UserID, posts []models.PostID, now time.Time,
) ([]models.OpenShares, error) {
	const find = `
		SELECT ` + shareColumns + `, (SELECT COUNT(*) FROM shares o WHERE o.post_id = p.id` + ofOpenShares + `)
		FROM posts p JOIN shares s ON s.id = (SELECT o.id FROM shares o WHERE o.post_id = p.id` + ofOpenShares + latestFirst + `)
		WHERE p.id IN @ids AND COALESCE(p.author_id, '') = @owner`
	return openSharesOf(ctx, db, find, owner, posts, now)
}

// OpenSharesOfFiles is OpenSharesOfPosts for files. The shares of their posts are not
// among them.
func (db *DB) OpenSharesOfFiles(
	ctx context.Context, owner models.UserID, files []models.FileID, now time.Time,
) ([]models.OpenShares, error) {
	const find = `
		SELECT ` + shareColumns + `, (SELECT COUNT(*) FROM shares o WHERE o.file_id = f.id` + ofOpenShares + `)
		FROM files f JOIN shares s ON s.id = (SELECT o.id FROM shares o WHERE o.file_id = f.id` + ofOpenShares + latestFirst + `)
		WHERE f.id IN @ids AND COALESCE(f.owner_id, '') = @owner`
	return openSharesOf(ctx, db, find, owner, files, now)
}

// SharesOfFilesIn returns owner's shares of single files of the post, at most limit,
// newest first.
func (db *DB) SharesOfFilesIn(ctx context.Context, owner models.UserID, post models.PostID, limit int) ([]models.ShareView, error) {
	const find = `
		SELECT ` + shareColumns + `, f.name FROM files f JOIN shares s ON s.file_id = f.id WHERE f.post_id = $1 AND s.owner_id = $2 LIMIT $3`
	views, err := list(ctx, db, find, []any{post, owner, limit}, shareViewFields)
	slices.SortFunc(views, func(a, b models.ShareView) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return views, db.classify(err, "share")
}

// UnusedShares returns shares that expire after now and up to until, that were made up to
// before, that nobody has used, and whose owner was not told of that; at most limit, the
// earliest first.
func (db *DB) UnusedShares(ctx context.Context, now, until, before time.Time, limit int) ([]models.ShareID, error) {
	const find = `
		SELECT id FROM shares WHERE expires_at > $1 AND expires_at <= $2 AND created_at <= $3
			AND picked_up = 0 AND revoked_at IS NULL AND NOT told_unused ORDER BY expires_at LIMIT $4`
	ids, err := column[models.ShareID](ctx, db, find, now, until, before, limit)
	return ids, db.classify(err, "share")
}

// TakeUnused reports whether the owner of a share is to be told that it is about to
// expire unused: true once.
func (db *DB) TakeUnused(ctx context.Context, share models.ShareID) (bool, error) {
	n, err := db.exec(ctx, `UPDATE shares SET told_unused = TRUE WHERE id = $1 AND picked_up = 0 AND NOT told_unused`, share)
	return n == 1, db.classify(err, "share")
}

// ShareByID returns a share without asking for rights, or NotFound.
func (db *DB) ShareByID(ctx context.Context, id models.ShareID) (v models.ShareView, err error) {
	err = db.row(ctx, shareViewFrom+` WHERE s.id = $1`, []any{id}, shareViewFields(&v)...)
	return v, db.classify(err, "share")
}

func openSharesOf[ID any](
	ctx context.Context, db *DB, find string, owner models.UserID, ids []ID, now time.Time,
) (found []models.OpenShares, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.gorm.WithContext(db.uncancelled(ctx)).
		Raw(find, sql.Named("ids", ids), sql.Named("owner", owner), sql.Named("now", now)).Rows()
	if err == nil {
		err = each(rows, func(rows *sql.Rows) error {
			var open models.OpenShares
			err := rows.Scan(append(shareFields(&open.Latest), &open.Count)...)
			found = append(found, open)
			return err
		})
	}
	return found, db.classify(err, "share")
}
