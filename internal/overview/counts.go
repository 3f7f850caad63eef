package overview

import (
	"cmp"
	"context"
	"slices"
	"time"

	"example.org/cloakroom/internal/models"
)

const (
	// keptFor is how long the count of an hour is kept: what the panel sums up,
	// and a day for the sums of whole days.
	keptFor = (Days + 1) * day

	// flushWithin is how long it may take to add to what the database has.
	flushWithin = 5 * time.Second
)

// An hourKind is what is counted in which hour.
type hourKind struct {
	hour time.Time
	kind models.CountKind
}

// Count counts that something happened now. It writes nothing: Flush does.
func (s *Service) Count(kind models.CountKind) {
	key := hourKind{s.Now().UTC().Truncate(time.Hour), kind}
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.counted == nil {
		s.counted = map[hourKind]int64{}
	}
	s.counted[key]++
}

// Flush adds what this node has counted to what the database has of all. What
// could not be added is kept for the next time. A node that does it every few
// seconds, and when it stops, loses nothing unless it is killed.
func (s *Service) Flush(ctx context.Context) error {
	s.counting.Lock()
	counted := s.counted
	s.counted = nil
	s.counting.Unlock()
	if len(counted) == 0 {
		return nil
	}
	counts := make([]models.HourCount, 0, len(counted))
	for key, n := range counted {
		counts = append(counts, models.HourCount{Hour: key.hour, Kind: key.kind, N: n})
	}
	slices.SortFunc(counts, func(a, b models.HourCount) int {
		return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Kind, b.Kind))
	})
	// Whoever stops us must not leave us in doubt whether it was added.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
	defer cancel()
	err := s.DB.AddHourCounts(ctx, counts)
	if err != nil {
		s.putBack(counted)
	}
	return err
}

func (s *Service) putBack(counted map[hourKind]int64) {
	s.counting.Lock()
	defer s.counting.Unlock()
	for key, n := range s.counted {
		counted[key] += n
	}
	s.counted = counted
}

// Expire does models.ExpireHourCounts.
func (s *Service) Expire(ctx context.Context, _ models.ExpireHourCounts) error {
	return s.DB.DeleteHourCountsBefore(ctx, s.Now().Add(-keptFor))
}
