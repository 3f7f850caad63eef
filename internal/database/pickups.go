package database

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// TakePickup lets a visitor download through an open share at now. p is the pickup as a
// new one; if the holder has one already that is not over, p becomes that. It returns
// first: whether this is the request that took the place. It returns NotFound if the share
// is not open or has no place left.
//
// The row of the holder is written before the place is taken, so that parallel requests
// of one visitor wait for each other and take one place together.
func (db *DB) TakePickup(ctx context.Context, s models.Share, p *models.Pickup, now time.Time) (first bool, err error) {
	const insert = `
		INSERT INTO pickups (id, share_id, holder, network, place, browser, counted, only_one, sent, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, TRUE, TRUE, 0, $7, $8) ON CONFLICT (share_id, holder) DO NOTHING`
	const again = `
		UPDATE pickups SET counted = TRUE, only_one = TRUE, expires_at = $1
		WHERE share_id = $2 AND holder = $3 AND (NOT counted OR expires_at <= $4)`
	const place = `
		UPDATE shares SET picked_up = picked_up + 1, used_at = $1
		WHERE id = $2 AND password_version = $3 AND (max_pickups = 0 OR picked_up < max_pickups)
			AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)`
	err = db.Tx(ctx, func(tx *DB) error {
		n, err := tx.exec(ctx, insert, p.ID, p.ShareID, p.Holder, p.Network, p.Place, p.Browser, p.CreatedAt, p.ExpiresAt)
		if err == nil && n == 0 {
			n, err = tx.exec(ctx, again, p.ExpiresAt, p.ShareID, p.Holder, now)
		}
		if err != nil {
			return tx.classify(err, "pickup")
		}
		if first = n == 1; first {
			if err := tx.change(ctx, "share", place, now, s.ID, s.PasswordVersion); err != nil {
				return err
			}
		} else if _, err := tx.exec(ctx, joinPickup, p.ShareID, p.Holder); err != nil {
			return tx.classify(err, "pickup")
		}
		return tx.row(ctx, `SELECT id FROM pickups WHERE share_id = $1 AND holder = $2`, []any{p.ShareID, p.Holder}, &p.ID)
	})
	return first, db.classify(err, "pickup")
}

// joinPickup notes that a second request uses a pickup, which then keeps its place.
const joinPickup = `UPDATE pickups SET only_one = FALSE WHERE share_id = $1 AND holder = $2 AND only_one`

// PickupOf returns the pickup of the share with which the holder may go on at now, or
// else the latest one from that network with a download of the item that is not complete,
// or was not until models.ResumeGrace ago; an empty holder or network is nobody's. It
// returns NotFound if there is none.
func (db *DB) PickupOf(
	ctx context.Context, share models.ShareID, holder models.SecretHash, network string, item models.FileID, now time.Time,
) (p models.Pickup, err error) {
	const byHolder = `SELECT id, holder FROM pickups WHERE share_id = $1 AND holder = $2 AND counted AND expires_at > $3`
	const byNetwork = `
		SELECT id, holder FROM pickups WHERE share_id = $1 AND network = $2 AND counted AND expires_at > $3
			AND EXISTS (SELECT 1 FROM downloads d WHERE d.pickup_id = pickups.id AND d.item = $4 AND (NOT d.complete OR d.last_at > $5))
		ORDER BY created_at DESC LIMIT 1`
	p.ShareID = share
	err = db.classify(db.row(ctx, byHolder, []any{share, holder, now}, &p.ID, &p.Holder), "pickup")
	if network != "" && problem.KindOf(err) == problem.NotFound {
		err = db.classify(db.row(ctx, byNetwork, []any{share, network, now, item, now.Add(-models.ResumeGrace)}, &p.ID, &p.Holder), "pickup")
	}
	return p, err
}

// GiveBackPickup gives back the place of a pickup whose only request ended after sent
// bytes, and removes it from the download log. It reports false, and keeps the place, if a
// second request has used the pickup, or if requests of that network that were given back
// have sent enough bytes together: else a share could be read in pieces for nothing.
func (db *DB) GiveBackPickup(ctx context.Context, p models.Pickup, sent, enough int64) (given bool, err error) {
	const giveBack = `
		UPDATE pickups SET counted = FALSE, sent = sent + $1
		WHERE id = $2 AND counted AND only_one AND $3 + (
			SELECT COALESCE(SUM(o.sent), 0) FROM pickups o WHERE o.share_id = pickups.share_id AND o.network = pickups.network) < $4`
	const place = `UPDATE shares SET picked_up = picked_up - 1 WHERE id = $1 AND picked_up > 0`
	err = db.Tx(ctx, func(tx *DB) error {
		n, err := tx.exec(ctx, giveBack, sent, p.ID, sent, enough)
		if given = n == 1; err == nil && given {
			_, err = tx.exec(ctx, place, p.ShareID)
		}
		if err == nil && given {
			_, err = tx.exec(ctx, `DELETE FROM downloads WHERE pickup_id = $1`, p.ID)
		}
		return tx.classify(err, "pickup")
	})
	return given && err == nil, err
}

// BeginDownload adds a request that begins to the download log. A request that goes on
// with a download joins its entry.
func (db *DB) BeginDownload(ctx context.Context, d models.Download) error {
	const insert = `
		INSERT INTO downloads (pickup_id, item, share_id, name, size, created_at, sent, complete, running, last_at, post_id)
		VALUES ($1, $2, $3, $4, $5, $6, 0, FALSE, 1, $6,
			(SELECT COALESCE(s.post_id, f.post_id) FROM shares s LEFT JOIN files f ON f.id = s.file_id WHERE s.id = $3))
		ON CONFLICT (pickup_id, item) DO UPDATE SET name = excluded.name, size = excluded.size, last_at = excluded.last_at,
			running = downloads.running + 1`
	_, err := db.exec(ctx, insert, d.PickupID, d.Item, d.ShareID, d.Name, d.Size, d.CreatedAt)
	return db.classify(err, "download")
}

// EndDownload adds what a request sent to its entry of the download log. The download is
// complete once a request came to its end and all of them sent as much as there is; what
// was sent over a broken line may not have arrived.
func (db *DB) EndDownload(ctx context.Context, d models.Download, cameToItsEnd bool) error {
	const end = `
		UPDATE downloads SET sent = sent + $1, complete = complete OR ($2 AND sent + $1 >= size), last_at = $3,
			running = CASE WHEN running > 0 THEN running - 1 ELSE 0 END
		WHERE pickup_id = $4 AND item = $5`
	_, err := db.exec(ctx, end, d.Sent, cameToItsEnd, d.LastAt, d.PickupID, d.Item)
	return db.classify(err, "download")
}

// TakeFirst reports whether the owner of a share is to be told of its first pickup, and
// of its last one: each true once.
func (db *DB) TakeFirst(ctx context.Context, share models.ShareID) (first, usedUp bool, err error) {
	const ofFirst = `UPDATE shares SET told_first = TRUE WHERE id = $1 AND picked_up > 0 AND NOT told_first`
	const ofLast = `
		UPDATE shares SET told_used_up = TRUE WHERE id = $1 AND max_pickups > 0 AND picked_up >= max_pickups AND NOT told_used_up`
	n, err := db.exec(ctx, ofFirst, share)
	if err != nil {
		return false, false, db.classify(err, "share")
	}
	last, err := db.exec(ctx, ofLast, share)
	return n == 1, last == 1, db.classify(err, "share")
}

// downloadView begins each list of the download log, with the fields of downloadFields.
const downloadView = `
	SELECT d.pickup_id, d.item, d.share_id, d.name, d.size, d.sent, d.complete, d.running, d.created_at, d.last_at, s.name, k.place, k.browser
	FROM shares s JOIN downloads d ON d.share_id = s.id JOIN pickups k ON k.id = d.pickup_id`

func downloadFields(v *models.DownloadView) []any {
	return []any{&v.PickupID, &v.Item, &v.ShareID, &v.Name, &v.Size, &v.Sent, &v.Complete, &v.Running, &v.CreatedAt, &v.LastAt,
		&v.ShareName, &v.Place, &v.Browser}
}

// DownloadsOfShare returns the latest entries of the download log of owner's share, at
// most limit.
func (db *DB) DownloadsOfShare(
	ctx context.Context, owner models.UserID, share models.ShareID, limit int,
) ([]models.DownloadView, error) {
	const find = downloadView + `
		WHERE d.share_id = $1 AND s.owner_id = $2 ORDER BY d.created_at DESC, d.pickup_id DESC, d.item LIMIT $3`
	views, err := list(ctx, db, find, []any{share, owner, limit}, downloadFields)
	return views, db.classify(err, "download")
}

// DownloadsOfPost returns the latest entries of the download log about owner's post and
// its files, at most limit.
func (db *DB) DownloadsOfPost(ctx context.Context, owner models.UserID, post models.PostID, limit int) ([]models.DownloadView, error) {
	const find = downloadView + `
		WHERE d.post_id = $1 AND s.owner_id = $2 ORDER BY d.created_at DESC, d.pickup_id DESC, d.item LIMIT $3`
	views, err := list(ctx, db, find, []any{post, owner, limit}, downloadFields)
	return views, db.classify(err, "download")
}

// DownloadsOfFile returns the latest entries of the download log about owner's file, at
// most limit. A zip that has the file is not among them.
func (db *DB) DownloadsOfFile(ctx context.Context, owner models.UserID, file models.FileID, limit int) ([]models.DownloadView, error) {
	const find = downloadView + `
		WHERE d.item = $1 AND s.owner_id = $2 ORDER BY d.created_at DESC, d.pickup_id DESC LIMIT $3`
	views, err := list(ctx, db, find, []any{file, owner, limit}, downloadFields)
	return views, db.classify(err, "download")
}

// DeletePickups removes up to limit pickups that began before the given time, with their
// entries of the download log, and returns how many.
func (db *DB) DeletePickups(ctx context.Context, before time.Time, limit int) (int64, error) {
	const remove = `DELETE FROM pickups WHERE id IN (SELECT id FROM pickups WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	n, err := db.exec(ctx, remove, before, limit)
	return n, db.classify(err, "pickup")
}
