package notifications

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// OfShare performs the job models.NotifyOfShare: it notifies the owner of a share.
func (s *Service) OfShare(ctx context.Context, job models.NotifyOfShare) error {
	v, err := s.DB.ShareByID(ctx, job.Share)
	if problem.KindOf(err) == problem.NotFound {
		return nil // deleted in the meantime
	}
	if err != nil || job.About == models.NotificationUnused && (v.PickedUp > 0 || !v.Open(s.now())) {
		return err
	}
	object := models.ShareObject(v.ID)
	return s.notify(ctx, models.Notification{UserID: v.OwnerID, Kind: job.About, Object: object, About: object, Words: v.Title})
}
