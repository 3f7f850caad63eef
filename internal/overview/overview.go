// Package overview provides the figures of the admin panel: totals, and events
// by day and by hour. It alone knows what is counted by the hour and for how
// long figures are cached.
package overview

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
)

const (
	day = 24 * time.Hour

	// Days is the number of days in the figures, including today.
	Days = 30

	// Hours is the number of hours in the figures, including the current one.
	Hours = 48

	// maxReports is the number of open reports at which counting stops.
	maxReports = 1000

	// freshFor is the minimum time for which figures are cached.
	freshFor = 30 * time.Second

	// cacheFactor is the ratio of the time for which figures are cached to the
	// time it took to count them: counting takes at most 1 % of the time.
	cacheFactor = 100

	// countTimeout limits one count. SQLite ignores it.
	countTimeout = 30 * time.Second
)

// A Service counts and caches the figures. All exported fields must be set.
type Service struct {
	DB   *database.DB
	Jobs *jobs.Queue
	Now  func() time.Time

	flight  singleflight.Group // concurrent callers share one count
	mu      sync.Mutex         // guards cached and expires
	cached  Numbers
	expires time.Time

	counting sync.Mutex // guards counted
	counted  map[hourKind]int64
}

// Numbers are the figures of the site. Days and hours are oldest first, without
// gaps.
type Numbers struct {
	At     time.Time // when these were counted
	Totals models.Totals
	// TotalsAt is when the totals were counted: up to keptTotalsFor before At on a large site.
	TotalsAt time.Time
	Users    []models.DayCount // registrations of users who still exist
	Uploads  []models.DayCount // uploads of files that still exist
	Jobs     map[models.JobState]int64
	Errors   Frequency
	Limits   Frequency
	Reports  int64 // open ones, counted up to maxReports
}

// A Frequency says how often an event happened.
type Frequency struct {
	Hours            []models.HourCount // the last Hours hours
	LastDay, AllDays int64              // in 24 hours, and in Days
}

// Numbers returns the figures, which may be up to 30 seconds old, or 100 times
// as old as it took to count them.
func (s *Service) Numbers(ctx context.Context) (Numbers, error) {
	if n, fresh := s.fresh(); fresh {
		return n, nil
	}
	// Other callers share this count, so it goes on if our caller leaves.
	ctx = context.WithoutCancel(ctx)
	counted, err, _ := s.flight.Do("", func() (any, error) {
		if n, fresh := s.fresh(); fresh { // another call has just finished
			return n, nil
		}
		return s.count(ctx)
	})
	if err != nil {
		return Numbers{}, err
	}
	return counted.(Numbers), nil //nolint:forcetypeassert // the function above returns Numbers
}

// fresh returns the cached figures, and whether they are recent enough.
func (s *Service) fresh() (Numbers, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cached, s.Now().Before(s.expires)
}

// count counts the figures and caches them.
func (s *Service) count(ctx context.Context) (n Numbers, err error) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	start := s.Now()
	n.At = start.UTC()
	if n.Totals, n.TotalsAt, err = s.totals(ctx, n.At); err != nil {
		return n, err
	}
	today := n.At.Truncate(day)
	first := today.Add(-(Days - 1) * day)
	if n.Users, err = s.DB.UsersByDay(ctx, first, today); err != nil {
		return n, err
	}
	if n.Uploads, err = s.DB.UploadsByDay(ctx, first, today); err != nil {
		return n, err
	}
	if n.Jobs, err = s.Jobs.Count(ctx); err != nil {
		return n, fmt.Errorf("counting jobs: %w", err)
	}
	if n.Reports, err = s.DB.CountOpenReports(ctx, maxReports); err != nil {
		return n, err
	}
	counts, err := s.DB.HourCounts(ctx, n.At.Add(-Days*day))
	if err != nil {
		return n, err
	}
	n.Errors, n.Limits = frequency(counts, models.CountErrors, n.At), frequency(counts, models.CountLimits, n.At)
	end := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cached, s.expires = n, end.Add(max(freshFor, cacheFactor*end.Sub(start)))
	return n, nil
}

// frequency sums up the counts of one kind, until now.
func frequency(counts []models.HourCount, kind models.CountKind, now time.Time) Frequency {
	f := Frequency{Hours: make([]models.HourCount, Hours)}
	first := now.Truncate(time.Hour).Add(-(Hours - 1) * time.Hour)
	for i := range f.Hours {
		f.Hours[i] = models.HourCount{Hour: first.Add(time.Duration(i) * time.Hour), Kind: kind}
	}
	for _, c := range counts {
		if c.Kind != kind {
			continue
		}
		f.AllDays += c.N
		if now.Sub(c.Hour) < day {
			f.LastDay += c.N
		}
		if i := int(c.Hour.Sub(first) / time.Hour); !c.Hour.Before(first) && i < Hours {
			f.Hours[i].N += c.N
		}
	}
	return f
}
