package shares

import (
	"context"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/unlock"
)

// A Pickup counts one request of a visitor who downloads something through a share. The
// caller calls Begin before the first byte, and End after the last.
type Pickup struct {
	service *Service
	visit   Visit
	row     models.Pickup
	item    models.FileID // empty: the zip
	name    string
	size    int64
	begun   bool
	first   bool // this request took the place
}

// Pickup returns the pickup of a download of the file with that ID, or of the zip.
func (s *Service) Pickup(v Visit, item models.FileID, name string, size int64) *Pickup {
	return &Pickup{service: s, visit: v, item: item, name: name, size: size}
}

// Begin takes one of the share's places for the visitor, or lets them go on with the
// pickup that they have. It returns Gone if no place is left. An owner takes none.
func (p *Pickup) Begin(ctx context.Context) error {
	s, v := p.service, p.visit
	if v.Own() {
		return nil
	}
	now := s.now()
	holder := s.holder(v)
	if network := s.resumeNetwork(v); network != "" {
		found, err := s.DB.PickupOf(ctx, v.Share.ID, holder, network, v.Visitor.Item, now)
		switch {
		case err == nil:
			holder = found.Holder
		case problem.KindOf(err) != problem.NotFound:
			return err
		}
	}
	if holder == "" { // a program without cookies: only its network is known again
		holder = unlock.NewCookie().Hash()
	}
	p.row = models.Pickup{
		ID: models.NewPickupID(), ShareID: v.Share.ID, Holder: holder, Network: s.network(v), Place: v.Visitor.Client.Place(),
		Browser: models.Device(v.Visitor.Client.UserAgent), CreatedAt: now, ExpiresAt: now.Add(models.PickupLife),
	}
	var first bool
	err := s.DB.Tx(ctx, func(tx *database.DB) (err error) {
		if first, err = tx.TakePickup(ctx, v.Share, &p.row, now); err != nil {
			return err
		}
		return tx.BeginDownload(ctx, p.entry(0))
	})
	if problem.KindOf(err) == problem.NotFound {
		return errGone()
	}
	p.first, p.begun = first, err == nil
	return err
}

// End records that the request sent so many bytes of a response of that length. If they
// are too few of the file or the zip, and took a place, it gives the place back and leaves the download log;
// else the owner is told of the first pickup, and of the last. It works even if ctx has
// been cancelled.
func (p *Pickup) End(ctx context.Context, sent, length int64) error {
	if !p.begun {
		return nil
	}
	s, ctx := p.service, context.WithoutCancel(ctx)
	if enough := min(models.PickupBytes, p.size); p.first && sent < enough {
		given, err := s.DB.GiveBackPickup(ctx, p.row, sent, enough)
		if err != nil || given {
			return err
		}
	}
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.EndDownload(ctx, p.entry(sent), sent >= length); err != nil || !p.first {
			return err
		}
		return s.tell(ctx, tx, p.row.ShareID)
	})
}

// tell queues what the owner is notified of when somebody has picked something up.
func (s *Service) tell(ctx context.Context, tx *database.DB, share models.ShareID) error {
	first, usedUp, err := tx.TakeFirst(ctx, share)
	if err == nil && first {
		err = s.Jobs.Add(ctx, tx, models.NotifyOfShare{Share: share, About: models.NotificationFirstPickup})
	}
	if err == nil && usedUp {
		err = s.Jobs.Add(ctx, tx, models.NotifyOfShare{Share: share, About: models.NotificationUsedUp})
	}
	return err
}

// entry returns the entry of the download log for a request that sent so many bytes.
func (p *Pickup) entry(sent int64) models.Download {
	now := p.service.now()
	return models.Download{
		PickupID: p.row.ID, Item: p.item, ShareID: p.row.ShareID, Name: p.name, Size: p.size, Sent: sent, CreatedAt: now, LastAt: now,
	}
}
