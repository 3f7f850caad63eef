package overview_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
)

// start is the time at which a node's clock starts, on the last day of the figures.
var start = time.Date(2026, 3, 30, 14, 5, 6, 0, time.UTC)

// A node is one server, with a clock that the test sets.
type node struct {
	*overview.Service
	t  *testing.T
	mu sync.Mutex
	at time.Time
	by time.Duration // how far each reading advances the clock
}

func newNode(t *testing.T, db *database.DB) *node {
	t.Helper()
	queue := &jobs.Queue{DB: db, Now: time.Now}
	n := &node{t: t, at: start}
	n.Service = &overview.Service{DB: db, Jobs: queue, Now: func() time.Time {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.at = n.at.Add(n.by)
		return n.at
	}}
	return n
}

func (n *node) advance(by time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at = n.at.Add(by)
}

func (n *node) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) flush() {
	n.t.Helper()
	n.must(n.Flush(n.t.Context()))
}

func (n *node) numbers() overview.Numbers {
	n.t.Helper()
	numbers, err := n.Numbers(n.t.Context())
	n.must(err)
	return numbers
}

// user creates a user who registered at the given time.
func (n *node) user(name string, at time.Time) models.User {
	n.t.Helper()
	u := models.User{
		ID: models.UserID(name), Username: models.Username(name), UsernameKey: name,
		Role: models.RoleUser, Tier: models.TierFree, CreatedAt: at, UpdatedAt: at,
	}
	n.must(n.DB.CreateUser(n.t.Context(), &u))
	return u
}

// Counts of several nodes add up.
func TestFlush_AddsUp(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		nodes := []*node{newNode(t, db), newNode(t, db), newNode(t, db)}
		const times = 20
		var group sync.WaitGroup
		for _, n := range nodes {
			for range 4 {
				group.Go(func() {
					for range times {
						n.Count(models.CountErrors)
						n.Count(models.CountLimits)
						if err := n.Flush(context.Background()); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		group.Wait()
		nodes[0].flush() // nothing is left
		got := nodes[1].numbers()
		for what, f := range map[string]overview.Frequency{"errors": got.Errors, "limits": got.Limits} {
			if want := int64(3 * 4 * times); f.AllDays != want || f.LastDay != want || f.Hours[overview.Hours-1].N != want {
				t.Errorf("%s: %d in the hour, %d in the day and %d in total, want %d",
					what, f.Hours[overview.Hours-1].N, f.LastDay, f.AllDays, want)
			}
		}
	})
}

// Counts that could not be written are written by the next Flush, even if its
// context is cancelled.
func TestFlush_LosesNothing(t *testing.T) {
	databasetest.EachURL(t, func(t *testing.T, url string) {
		log := slog.New(slog.DiscardHandler)
		open := func() *database.DB {
			db, err := database.Open(t.Context(), url, log)
			if err != nil {
				t.Fatal(err)
			}
			return db
		}
		db := open()
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := newNode(t, db)
		n.Count(models.CountErrors)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := n.Flush(t.Context()); err == nil {
			t.Fatal("a closed database accepted the counts")
		}
		n.Count(models.CountErrors)
		again := open()
		defer func() { _ = again.Close() }()
		n.DB = again
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		n.must(n.Flush(cancelled))
		counts, err := again.HourCounts(t.Context(), start.Add(-time.Hour))
		if err != nil || len(counts) != 1 || counts[0].N != 2 || !counts[0].Hour.Equal(start.Truncate(time.Hour)) {
			t.Errorf("stored %+v, %v; want two in one hour", counts, err)
		}
	})
}

// Events are counted in their hour, summed up, and expire.
func TestNumbers_Hours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNode(t, db)
		end := n.at
		for _, ago := range []time.Duration{40 * 24 * time.Hour, 29 * 24 * time.Hour, 47 * time.Hour, 30 * time.Hour, time.Hour, 0} {
			n.at = end.Add(-ago)
			n.Count(models.CountErrors)
			n.flush()
		}
		f := n.numbers().Errors
		if len(f.Hours) != overview.Hours || f.AllDays != 5 || f.LastDay != 2 {
			t.Fatalf("%d hours, %d errors in total and %d in the last day, want 48, 5 and 2", len(f.Hours), f.AllDays, f.LastDay)
		}
		for i, h := range f.Hours {
			want := int64(0)
			switch i {
			case 0, 17, 46, 47:
				want = 1
			}
			if h.N != want || !h.Hour.Equal(end.Truncate(time.Hour).Add(time.Duration(i-47)*time.Hour)) {
				t.Errorf("hour %d is %v with %d, want %d", i, h.Hour, h.N, want)
			}
		}
		n.must(n.Expire(t.Context(), models.ExpireHourCounts{}))
		if counts, err := db.HourCounts(t.Context(), end.AddDate(-1, 0, 0)); err != nil || len(counts) != 5 {
			t.Errorf("%d hours are stored, %v; want 5", len(counts), err)
		}
	})
}

// Days begin at midnight UTC, without gaps, and count what still exists.
func TestNumbers_Days(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNode(t, db)
		ctx, midnight := t.Context(), start.Truncate(24*time.Hour)
		elsewhere := time.FixedZone("elsewhere", 9*60*60)
		ann := n.user("ann", midnight.Add(-time.Microsecond))
		n.user("ben", midnight.In(elsewhere))
		n.user("old", midnight.AddDate(0, 0, -29))
		n.user("older", midnight.AddDate(0, 0, -29).Add(-time.Microsecond))
		n.must(db.ChangeRole(ctx, "ben", models.RoleAdmin))
		for i, at := range []time.Time{midnight, start, midnight.AddDate(0, 0, -1)} {
			id := string(rune('A' + i))
			n.must(db.CreateFile(ctx, &models.File{
				ID: models.FileID(id), OwnerID: ann.ID, Name: "a.txt", Blob: models.BlobKey(id), Size: 100,
				State: models.Ready, CreatedAt: at, UpdatedAt: at,
			}))
		}
		n.must(db.Tx(ctx, func(tx *database.DB) error { return n.Jobs.Add(ctx, tx, models.SweepBlobs{}) }))
		got := n.numbers()
		if want := (models.Totals{Users: 4, Admins: 1, Files: 3}); got.Totals != want {
			t.Errorf("totals %+v, want %+v", got.Totals, want)
		}
		if got.Jobs[models.JobWaiting] != 1 || got.Jobs[models.JobRunning] != 0 {
			t.Errorf("the jobs are %v", got.Jobs)
		}
		if len(got.Users) != overview.Days || len(got.Uploads) != overview.Days {
			t.Fatalf("%d and %d days, want 30", len(got.Users), len(got.Uploads))
		}
		for i := range overview.Days {
			users, uploads := map[int]int64{0: 1, 28: 1, 29: 1}[i], map[int]int64{28: 1, 29: 2}[i]
			if got.Users[i].N != users || got.Uploads[i].N != uploads || got.Uploads[i].Bytes != 100*uploads ||
				!got.Users[i].Day.Equal(midnight.AddDate(0, 0, i-29)) {
				t.Errorf("day %d: %+v and %+v, want %d users and %d uploads", i, got.Users[i], got.Uploads[i], users, uploads)
			}
		}
	})
}

// Concurrent callers share one count, which is cached for a while.
func TestNumbers_AreCached(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNode(t, db)
		n.by = time.Millisecond // so that two counts differ in their time
		var times sync.Map
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				numbers, err := n.Numbers(context.Background())
				if err != nil {
					t.Error(err)
				}
				times.Store(numbers.At, true)
			})
		}
		group.Wait()
		count := 0
		times.Range(func(any, any) bool { count++; return true })
		if count != 1 {
			t.Errorf("the figures were counted %d times, want once", count)
		}
		n.user("ann", start)
		if got := n.numbers().Totals.Users; got != 0 {
			t.Errorf("%d users at once, want the cached 0", got)
		}
		n.advance(time.Minute)
		if got := n.numbers().Totals.Users; got != 1 {
			t.Errorf("%d users a minute later, want 1", got)
		}
	})
}

// Figures that take long to count are cached for longer.
func TestNumbers_SlowCountsAreCachedLonger(t *testing.T) {
	n := newNode(t, databasetest.New(t))
	n.by = time.Second // so counting takes at least a second
	first := n.numbers().At
	n.advance(90 * time.Second)
	if !n.numbers().At.Equal(first) {
		t.Error("figures that took a second are counted again after 90 seconds")
	}
	n.advance(20 * time.Second)
	if n.numbers().At.Equal(first) {
		t.Error("the figures are never counted again")
	}
}

// A caller who leaves does not cancel the count that others wait for.
func TestNumbers_IgnoreCancellation(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := newNode(t, db).Numbers(cancelled); err != nil {
			t.Error(err)
		}
	})
}

// The totals of a large site are counted by the job, and read by everybody else. Those of a
// small one are counted each time.
func TestNumbers_ReadTheTotalsOfALargeSite(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n := newNode(t, db)
		n.user("ann", start)
		n.must(n.Expire(t.Context(), models.ExpireHourCounts{}))
		wantTotals(n, 1, start)
		if _, _, err := db.KeptTotals(t.Context()); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the totals of a small site are kept: %v", err)
		}
		n.must(databasetest.Fill(t.Context(), db, databasetest.Size{Users: 50_000, Posts: 1, Comments: 1, Events: 1}))
		n.advance(time.Hour)
		counted := n.at
		wantTotals(n, 50_001, counted) // kept by this call
		n.user("ben", start)
		n.advance(2*time.Hour - time.Second)
		wantTotals(n, 50_001, counted)
		n.advance(time.Hour)
		wantTotals(n, 50_002, n.at) // these were too old, so they are counted and kept
		n.user("cem", start)
		n.advance(time.Hour)
		n.must(n.Expire(t.Context(), models.ExpireHourCounts{}))
		counted = n.at
		n.user("dee", start)
		n.advance(time.Hour)
		wantTotals(n, 50_003, counted)
		n.must(db.KeepTotals(t.Context(), models.Totals{Users: 49_990}, n.at))
		n.advance(time.Hour)
		wantTotals(n, 50_004, n.at)
	})
}

func wantTotals(n *node, users int64, at time.Time) {
	n.t.Helper()
	if got := n.numbers(); got.Totals.Users != users || !got.TotalsAt.Equal(at) {
		n.t.Errorf("%d users at %v, want %d at %v", got.Totals.Users, got.TotalsAt, users, at)
	}
}
