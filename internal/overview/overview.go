// Package overview tells admins in numbers how the site is. It alone knows what
// is counted by the hour, and for how long numbers are new enough.
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

	// Days is how many days are told of, today among them.
	Days = 30

	// Hours is how many hours are told of, this one among them.
	Hours = 48

	// mostReports is up to where reports that wait are counted.
	mostReports = 1000

	// freshFor is how long numbers are new enough.
	freshFor = 30 * time.Second

	// sparing: numbers that took long to count are told for so many times as
	// long, so that counting never takes more than a hundredth of the time.
	sparing = 100

	// countWithin is how long it may take to count; SQLite takes no notice.
	countWithin = 30 * time.Second
)

// A Service counts. All exported fields must be set.
type Service struct {
	DB   *database.DB
	Jobs *jobs.Queue
	Now  func() time.Time

	one   singleflight.Group // whoever asks at once is told the same
	mu    sync.Mutex         // guards what follows
	told  Numbers
	until time.Time // then told is too old

	counting sync.Mutex // guards what follows
	counted  map[hourKind]int64
}

// Numbers is how the site is. What is told of days and hours is oldest first
// and has no gap.
type Numbers struct {
	At      time.Time // when this was counted
	Totals  models.Totals
	Users   []models.DayCount // who registered, and is still there
	Uploads []models.DayCount // what came, and is still there
	Jobs    map[models.JobState]int64
	Errors  Frequency
	Limits  Frequency
	Reports int64 // that nobody has decided, but at most mostReports
}

// A Frequency is how often something happened.
type Frequency struct {
	Hours            []models.HourCount // the last ones
	LastDay, AllDays int64              // in 24 hours, and in Days
}

// Numbers returns how the site is, as it was up to half a minute ago, or longer
// where it is large.
func (s *Service) Numbers(ctx context.Context) (Numbers, error) {
	if n, fresh := s.fresh(); fresh {
		return n, nil
	}
	// Whoever waits with us must not lose it because we left.
	ctx = context.WithoutCancel(ctx)
	counted, err, _ := s.one.Do("", func() (any, error) {
		if n, fresh := s.fresh(); fresh { // somebody was just before us
			return n, nil
		}
		return s.count(ctx)
	})
	if err != nil {
		return Numbers{}, err
	}
	return counted.(Numbers), nil //nolint:forcetypeassert // it is what was returned above
}

func (s *Service) fresh() (Numbers, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told, s.Now().Before(s.until)
}

func (s *Service) count(ctx context.Context) (n Numbers, err error) {
	ctx, cancel := context.WithTimeout(ctx, countWithin)
	defer cancel()
	start := s.Now()
	n.At = start.UTC()
	if n.Totals, err = s.DB.Totals(ctx); err != nil {
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
	if n.Reports, err = s.DB.CountOpenReports(ctx, mostReports); err != nil {
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
	s.told, s.until = n, end.Add(max(freshFor, sparing*end.Sub(start)))
	return n, nil
}

// frequency sums up the counts of one kind.
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
