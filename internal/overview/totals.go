package overview

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	// largeSite is the number of rows from which on totals are counted once an hour, and no
	// longer for each reader: counting them reads an index of each row.
	largeSite = 50_000

	// keptTotalsFor is the age at which stored totals are counted again for a reader. The job
	// replaces them each hour before that.
	keptTotalsFor = 2 * time.Hour
)

// totals returns the totals and when they were counted.
func (s *Service) totals(ctx context.Context, now time.Time) (models.Totals, time.Time, error) {
	kept, at, err := s.DB.KeptTotals(ctx)
	if err == nil && isLarge(kept) && now.Sub(at) < keptTotalsFor {
		return kept, at, nil
	}
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return kept, at, err
	}
	return s.countTotals(ctx, now)
}

// countTotals counts the totals, and stores those of a large site. If they cannot be stored,
// the next reader counts again.
func (s *Service) countTotals(ctx context.Context, now time.Time) (models.Totals, time.Time, error) {
	counted, err := s.DB.Totals(ctx)
	if err == nil && isLarge(counted) {
		_ = s.DB.KeepTotals(ctx, counted, now)
	}
	return counted, now, err
}

func isLarge(t models.Totals) bool { return t.Users+t.Posts+t.Comments+t.Files >= largeSite }

// renewTotals counts the stored totals again if they are those of a large site. There are none
// before a reader has asked for them.
func (s *Service) renewTotals(ctx context.Context) error {
	kept, _, err := s.DB.KeptTotals(ctx)
	if problem.KindOf(err) == problem.NotFound || err == nil && !isLarge(kept) {
		return nil
	}
	if err != nil {
		return err
	}
	counted, err := s.DB.Totals(ctx)
	if err != nil {
		return err
	}
	return s.DB.KeepTotals(ctx, counted, s.Now().UTC())
}
