package database_test

import (
	"slices"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// The metrics count jobs by kind and state, up to the number that they name.
func TestCountJobKinds(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		due, err := db.OldestDueJob(ctx, noon)
		if err != nil || !due.IsZero() {
			t.Errorf("without jobs, one is due at %v: %v", due, err)
		}
		must(t, db.Tx(ctx, func(tx *database.DB) error {
			for i, kind := range []string{"a", "b", "a", "a"} {
				job := models.NewJob{Kind: kind, Args: "{}", Queue: "default", RunAt: noon.Add(time.Duration(i-1) * time.Hour)}
				if err := tx.AddJob(ctx, job); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, db.AddPeriodicJobs(ctx, []models.NewJob{{Kind: "periodic", Args: "{}", Queue: "default", RunAt: noon.Add(time.Hour)}}))
		waiting := func(kind string, n int64) models.JobCount {
			return models.JobCount{Kind: kind, State: models.JobWaiting, Count: n}
		}
		for most, want := range map[int][]models.JobCount{
			2: {waiting("a", 2)}, 3: {waiting("a", 2), waiting("b", 1)},
			4: {waiting("a", 3), waiting("b", 1)}, 100: {waiting("a", 3), waiting("b", 1)},
		} {
			if got, err := db.CountJobKinds(ctx, most); err != nil || !slices.Equal(got, want) {
				t.Errorf("of up to %d: %v, %v, want %v", most, got, err, want)
			}
		}
		for now, want := range map[time.Time]time.Time{noon.Add(-time.Hour): noon.Add(-time.Hour), noon.Add(-2 * time.Hour): {}} {
			if got, err := db.OldestDueJob(ctx, now); err != nil || !got.Equal(want) {
				t.Errorf("at %v the oldest is due at %v, want %v (%v)", now, got, want, err)
			}
		}
		if s := db.PoolStats(); s.Open < 1 || s.Most < s.Open || s.InUse != 0 {
			t.Errorf("the pool is %+v", s)
		}
	})
}
