package notifications

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// OfReceived performs the job models.NotifyOfReceived: it notifies the owner of a file
// request of a file. Files for one request are counted up while the owner has not read
// of the first.
func (s *Service) OfReceived(ctx context.Context, job models.NotifyOfReceived) error {
	q, err := s.DB.ReceivedMoment(ctx, job.File)
	if problem.KindOf(err) == problem.NotFound {
		return nil // deleted in the meantime
	}
	if err != nil {
		return err
	}
	object := models.FileRequestObject(q.ID)
	return s.notify(ctx, models.Notification{
		UserID: q.OwnerID, Kind: models.NotificationReceived, Object: object, About: object, Words: string(q.Title), Cause: string(job.File),
	})
}
