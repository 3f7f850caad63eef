package shares

import (
	"context"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
)

// tellBefore is how long before a share expires its owner is told that nobody has used
// it. A share that is younger than that is not told of.
const tellBefore = 24 * time.Hour

// TellOfUnused performs the job models.TellOfUnusedShares.
func (s *Service) TellOfUnused(ctx context.Context, _ models.TellOfUnusedShares) error {
	for {
		now := s.now()
		found, err := s.DB.UnusedShares(ctx, now, now.Add(tellBefore), now.Add(-tellBefore), batch)
		if err != nil {
			return err
		}
		for _, id := range found {
			err := s.DB.Tx(ctx, func(tx *database.DB) error {
				taken, err := tx.TakeUnused(ctx, id)
				if err != nil || !taken {
					return err
				}
				return s.Jobs.Add(ctx, tx, models.NotifyOfShare{Share: id, About: models.NotificationUnused})
			})
			if err != nil {
				return err
			}
		}
		if len(found) < batch {
			return nil
		}
	}
}

// batch is the number of rows that a job takes at a time.
const batch = 1000

// Expire performs the job models.ExpireDownloads: it removes pickups and entries of the
// download log that are older than the policy keeps them.
func (s *Service) Expire(ctx context.Context, _ models.ExpireDownloads) error {
	for {
		n, err := s.DB.DeletePickups(ctx, s.now().Add(-s.Policy.Get().LogFor), batch)
		if err != nil || n < batch {
			return err
		}
	}
}

// LogDays returns for how many days downloads are in the log.
func (s *Service) LogDays() int { return int(s.Policy.Get().LogFor / (24 * time.Hour)) }
