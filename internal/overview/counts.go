package overview

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"example.org/cloakroom/internal/models"
)

const (
	// keptFor is how long the count of an hour is kept. The panel sums up Days;
	// one more day completes the sums of whole days.
	keptFor = (Days + 1) * day

	// flushTimeout limits one write to the database.
	flushTimeout = 5 * time.Second
)

// An hourKind identifies a counter: one kind of event in one hour.
type hourKind struct {
	hour time.Time
	kind models.CountKind
}

// Count counts one event at the current time, in memory until the next Flush.
func (s *Service) Count(kind models.CountKind) {
	key := hourKind{s.Now().UTC().Truncate(time.Hour), kind}
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.counted == nil {
		s.counted = map[hourKind]int64{}
	}
	s.counted[key]++
}

// Counted reports whether there is something to flush.
func (s *Service) Counted() bool {
	s.counting.Lock()
	defer s.counting.Unlock()
	return len(s.counted) > 0
}

// Flush adds the counts of this node to those of all nodes in the database. If
// it fails, the counts stay in memory for the next call. Each node calls it
// within seconds if something was Counted, and when it stops, so only a killed node loses counts.
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
	// If the caller cancelled the write, we would not know whether the counts were added.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	err := s.DB.AddHourCounts(ctx, counts)
	if err != nil {
		s.putBack(counted)
	}
	return err
}

// putBack adds counted to the counts in memory.
func (s *Service) putBack(counted map[hourKind]int64) {
	s.counting.Lock()
	defer s.counting.Unlock()
	for key, n := range s.counted {
		counted[key] += n
	}
	s.counted = counted
}

// Expire runs the hourly job models.ExpireHourCounts, which also counts the totals of a large
// site.
func (s *Service) Expire(ctx context.Context, _ models.ExpireHourCounts) error {
	return errors.Join(s.DB.DeleteHourCountsBefore(ctx, s.Now().Add(-keptFor)), s.renewTotals(ctx))
}
