package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// shares writes the shares that the user made, without what opens them.
func (x export) shares(ctx context.Context) error {
	return x.list("shares.json", func(add func(any) error) error {
		return x.eachShare(ctx, func(v models.ShareView) error {
			return add(struct {
				ID         models.ShareID         `json:"id"`
				PostID     *models.PostID         `json:"post_id,omitempty"`
				FileID     *models.FileID         `json:"file_id,omitempty"`
				Title      string                 `json:"title"`
				Name       string                 `json:"name,omitempty"`
				Sender     string                 `json:"from,omitempty"`
				Note       string                 `json:"note,omitempty"`
				Permission models.SharePermission `json:"permission"`
				Users      string                 `json:"users,omitempty"`
				Locked     bool                   `json:"locked"`
				MaxPickups int                    `json:"max_downloads,omitempty"`
				PickedUp   int                    `json:"downloads"`
				CreatedAt  time.Time              `json:"created_at"`
				ExpiresAt  *time.Time             `json:"expires_at"`
				RevokedAt  *time.Time             `json:"revoked_at"`
				UsedAt     *time.Time             `json:"used_at"`
			}{
				v.ID, v.PostID, v.FileID, v.Title, v.Name, v.Sender, v.Note, v.Permission, v.Names, v.Locked(), v.MaxPickups, v.PickedUp,
				v.CreatedAt.UTC(), v.ExpiresAt, v.RevokedAt, v.UsedAt,
			})
		})
	})
}

// downloads writes the download log of the user's shares, as the user sees it.
func (x export) downloads(ctx context.Context) error {
	return x.list("downloads.json", func(add func(any) error) error {
		return x.eachShare(ctx, func(v models.ShareView) error {
			if v.UsedAt == nil {
				return nil
			}
			log, err := x.DB.DownloadsOfShare(ctx, x.who.ID, v.ID, maxDownloads)
			for i := 0; err == nil && i < len(log); i++ {
				d := log[i]
				err = add(struct {
					ShareID   models.ShareID `json:"share_id"`
					FileID    models.FileID  `json:"file_id,omitempty"`
					Name      string         `json:"name"`
					Size      int64          `json:"size"`
					Sent      int64          `json:"sent"`
					Complete  bool           `json:"complete"`
					Place     string         `json:"network"`
					Browser   string         `json:"browser"`
					CreatedAt time.Time      `json:"created_at"`
				}{d.ShareID, d.Item, d.Name, d.Size, d.Sent, d.Complete, d.Place, d.Browser, d.CreatedAt.UTC()})
			}
			return err
		})
	})
}

// maxDownloads is the number of downloads of one share in an export, the latest ones.
const maxDownloads = 10_000

// eachShare calls one for each share of the user, newest first.
func (x export) eachShare(ctx context.Context, one func(models.ShareView) error) error {
	return eachOf(func(before models.Cursor) (models.Page[models.ShareView], error) {
		return x.DB.SharesOf(ctx, x.who.ID, before, batch)
	}, one)
}
