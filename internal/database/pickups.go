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
// else the latest one from that network; an empty holder or network is nobody's. It
// returns NotFound if there is none.
func (db *DB) PickupOf(
	ctx context.Context, share models.ShareID, holder models.SecretHash, network string, now time.Time,
) (p models.Pickup, err error) {
	const byHolder = `SELECT id, holder FROM pickups WHERE share_id = $1 AND holder = $2 AND counted AND expires_at > $3`
	const byNetwork = `
		SELECT id, holder FROM pickups WHERE share_id = $1 AND network = $2 AND counted AND expires_at > $3
		ORDER BY created_at DESC LIMIT 1`
	p.ShareID = share
	err = db.classify(db.row(ctx, byHolder, []any{share, holder, now}, &p.ID, &p.Holder), "pickup")
	if network != "" && problem.KindOf(err) == problem.NotFound {
		err = db.classify(db.row(ctx, byNetwork, []any{share, network, now}, &p.ID, &p.Holder), "pickup")
	}
	return p, err
}

// GiveBackPickup gives back the place of a pickup whose only request ended after sent
// bytes. It keeps the place if a second request has used the pickup, or if requests of
// that network that were given back have sent models.PickupBytes together: else a share
// could be read in pieces for nothing.
func (db *DB) GiveBackPickup(ctx context.Context, p models.Pickup, sent int64) error {
	const giveBack = `
		UPDATE pickups SET counted = FALSE, sent = sent + $1
		WHERE id = $2 AND counted AND only_one AND $3 + (
			SELECT COALESCE(SUM(o.sent), 0) FROM pickups o WHERE o.share_id = pickups.share_id AND o.network = pickups.network) < $4`
	const place = `UPDATE shares SET picked_up = picked_up - 1 WHERE id = $1 AND picked_up > 0`
	return db.Tx(ctx, func(tx *DB) error {
		n, err := tx.exec(ctx, giveBack, sent, p.ID, sent, models.PickupBytes)
		if err == nil && n == 1 {
			_, err = tx.exec(ctx, place, p.ShareID)
		}
		return tx.classify(err, "pickup")
	})
}

// LogDownload adds what a request sent to the download log. A request that goes on with
// a download adds to its entry.
func (db *DB) LogDownload(ctx context.Context, d models.Download) error {
	const insert = `
		INSERT INTO downloads (pickup_id, item, share_id, name, size, sent, complete, created_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (pickup_id, item) DO UPDATE SET name = excluded.name, size = excluded.size, last_at = excluded.last_at,
			sent = downloads.sent + excluded.sent,
			complete = downloads.complete OR excluded.complete OR downloads.sent + excluded.sent >= excluded.size`
	_, err := db.exec(ctx, insert, d.PickupID, d.Item, d.ShareID, d.Name, d.Size, d.Sent, d.Complete, d.CreatedAt, d.LastAt)
	return db.classify(err, "download")
}

// downloadView begins each list of the download log, with the fields of downloadFields.
const downloadView = `
	SELECT d.pickup_id, d.item, d.share_id, d.name, d.size, d.sent, d.complete, d.created_at, d.last_at, s.name, k.place, k.browser
	FROM shares s JOIN downloads d ON d.share_id = s.id JOIN pickups k ON k.id = d.pickup_id`

func downloadFields(v *models.DownloadView) []any {
	return []any{&v.PickupID, &v.Item, &v.ShareID, &v.Name, &v.Size, &v.Sent, &v.Complete, &v.CreatedAt, &v.LastAt,
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

// DeletePickups removes up to limit pickups that began before the given time, with their
// entries of the download log, and returns how many.
func (db *DB) DeletePickups(ctx context.Context, before time.Time, limit int) (int64, error) {
	const remove = `DELETE FROM pickups WHERE id IN (SELECT id FROM pickups WHERE created_at < $1 ORDER BY created_at LIMIT $2)`
	n, err := db.exec(ctx, remove, before, limit)
	return n, db.classify(err, "pickup")
}
