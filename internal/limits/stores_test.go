package limits_test

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/testenv"
)

// A world is a store and the clock that it goes by.
type world struct {
	*testing.T
	limiter.Store
	charger limits.Charger           // nil: the windows are fixed
	advance func(time.Duration)      // sets the clock ahead
	back    func(time.Duration) bool // or back, if that can be done
}

// fifth is the rate of most tests. The clock stands at the beginning of a
// minute and of a sub-window.
var fifth = limiter.Rate{Period: time.Minute, Limit: 5}

// each runs test on all four stores.
func each(t *testing.T, test func(w world)) {
	t.Run("memory", func(t *testing.T) {
		t.Run("fixed", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stores := limits.Memory(1000, time.Now)
				test(world{T: t, Store: stores.Fixed, advance: sleep, back: func(time.Duration) bool { return false }})
			})
		})
		t.Run("sliding", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var skew time.Duration
				stores := limits.Memory(1000, func() time.Time { return time.Now().Add(skew) })
				test(world{T: t, Store: stores.Sliding, charger: stores.Sliding, advance: sleep, back: func(by time.Duration) bool {
					skew -= by
					return true
				}})
			})
		})
	})
	t.Run("redis", func(t *testing.T) {
		t.Run("fixed", func(t *testing.T) {
			stores, set := redisAt(t)
			test(world{T: t, Store: stores.Fixed, advance: set, back: func(by time.Duration) bool { set(-by); return true }})
			wantHealthy(t, stores)
		})
		t.Run("sliding", func(t *testing.T) {
			stores, set := redisAt(t)
			test(world{
				T: t, Store: stores.Sliding, charger: stores.Sliding,
				advance: set, back: func(by time.Duration) bool { set(-by); return true },
			})
			wantHealthy(t, stores)
		})
	})
}

func sleep(d time.Duration) { time.Sleep(d) } // of the bubble

func redisAt(t *testing.T) (*limits.Stores, func(time.Duration)) {
	t.Helper()
	now := time.Date(2026, 5, 4, 3, 2, 0, 0, time.UTC)
	server := testenv.RedisAt(t, now)
	return open(t, server.URL(), slog.New(slog.DiscardHandler)), func(by time.Duration) {
		now = now.Add(by)
		server.SetClock(t, now)
	}
}

func open(t testing.TB, url string, log *slog.Logger) *limits.Stores {
	t.Helper()
	stores, err := limits.Redis(url, 1000, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stores.Close() })
	return stores
}

// wantHealthy holds that it was Redis that has been tested.
func wantHealthy(t *testing.T, stores *limits.Stores) {
	t.Helper()
	if stores.Degraded() {
		t.Error("memory stood in for Redis")
	}
}

func (w world) act(key string, n int64, rate limiter.Rate) limiter.Context {
	w.Helper()
	return w.is(w.Increment(w.Context(), key, n, rate))
}

func (w world) look(key string, rate limiter.Rate) limiter.Context {
	w.Helper()
	return w.is(w.Peek(w.Context(), key, rate))
}

func (w world) charge(key string, n int64, rate limiter.Rate) limiter.Context {
	w.Helper()
	return w.is(w.charger.Charge(w.Context(), key, n, rate))
}

func (w world) is(state limiter.Context, err error) limiter.Context {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return state
}

func (w world) want(what string, state limiter.Context, remaining int64, reached bool) {
	w.Helper()
	if state.Remaining != remaining || state.Reached != reached {
		w.Errorf("%s: remaining %d, reached %v; want %d, %v", what, state.Remaining, state.Reached, remaining, reached)
	}
}

func TestStores_Count(t *testing.T) {
	each(t, func(w world) {
		for left := int64(4); left >= 0; left-- {
			state := w.is(w.Get(w.Context(), "ann", fifth))
			w.want("an act", state, left, false)
			if state.Limit != 5 {
				w.Errorf("the limit is %d", state.Limit)
			}
		}
		for range 3 {
			w.want("one too many", w.is(w.Get(w.Context(), "ann", fifth)), 0, true)
		}
		w.want("another key", w.act("bob", 2, fifth), 3, false)
		w.want("another period", w.act("ann", 1, limiter.Rate{Period: time.Hour, Limit: 5}), 4, false)
		w.want("all at once", w.act("eve", 5, fifth), 0, false)
		w.want("more than all", w.act("dan", 6, fifth), 0, true)
		w.want("no limit at all", w.act("joe", 1, limiter.Rate{Period: time.Minute}), 0, true)
	})
}

func TestStores_AnotherLimitGoesOn(t *testing.T) {
	each(t, func(w world) {
		w.act("ann", 5, fifth)
		w.want("a higher limit", w.act("ann", 1, limiter.Rate{Period: time.Minute, Limit: 10}), 4, false)
		w.want("the lower one", w.look("ann", fifth), 0, true)
	})
}

func TestStores_WindowEdges(t *testing.T) {
	each(t, func(w world) {
		w.act("ann", 3, fifth)
		w.advance(30 * time.Second)
		w.act("ann", 2, fifth)
		if w.charger == nil {
			w.advance(30*time.Second - time.Millisecond)
			w.want("the last moment", w.look("ann", fifth), 0, true)
			w.advance(2 * time.Millisecond)
			w.want("the first after it", w.act("ann", 5, fifth), 0, false)
			w.want("the new window", w.act("ann", 1, fifth), 0, true)
			return
		}
		w.advance(36*time.Second - time.Millisecond) // 1.1 periods after the first
		w.want("the last moment", w.act("ann", 1, fifth), 0, true)
		w.advance(time.Millisecond)
		w.want("the first after it", w.act("ann", 3, fifth), 0, false)
		w.want("one too many", w.act("ann", 1, fifth), 0, true)
		w.advance(30*time.Second - time.Millisecond)
		w.want("the last moment of the others", w.act("ann", 1, fifth), 0, true)
		w.advance(time.Millisecond)
		w.want("the first after it", w.act("ann", 2, fifth), 0, false)
		w.want("one too many", w.act("ann", 1, fifth), 0, true)
	})
}

// TestStores_NeverMoreInAPeriod looks at the end of a sub-window, from which
// to its forgetting it is one period and no more.
func TestStores_NeverMoreInAPeriod(t *testing.T) {
	each(t, func(w world) {
		if w.charger == nil {
			return // so are fixed windows
		}
		w.advance(6*time.Second - time.Millisecond)
		w.act("ann", 5, fifth)
		w.advance(time.Minute)
		w.want("a period later", w.act("ann", 1, fifth), 0, true)
		w.advance(time.Millisecond)
		w.want("and a moment", w.act("ann", 5, fifth), 0, false)
	})
}

func TestStores_ResetSaysWhen(t *testing.T) {
	each(t, func(w world) {
		for _, offset := range []time.Duration{0, 1234 * time.Millisecond, 6789 * time.Millisecond} {
			w.advance(offset)
			w.act("ann", 4, fifth)
			w.advance(20*time.Second + 300*time.Millisecond)
			w.act("ann", 1, fifth)
			asked := time.Now()
			state := w.act("ann", 1, fifth)
			wait := time.Unix(state.Reset, 0).Sub(asked)
			if least, most := 39*time.Second, 47*time.Second; !state.Reached || wait < least || wait > most {
				w.Fatalf("%+v: that is in %v, want %v to %v", state, wait, least, most)
			}
			w.advance(wait)
			w.want("then", w.act("ann", 1, fifth), map[bool]int64{true: 4, false: 3}[w.charger == nil], false)
			w.advance(3 * time.Minute)
		}
	})
}

func TestStores_Concurrent(t *testing.T) {
	each(t, func(w world) {
		rate := limiter.Rate{Period: time.Hour, Limit: 100}
		var admitted atomic.Int64
		together(func() {
			for range 20 {
				state, err := w.Get(w.Context(), "all", rate)
				if err != nil {
					w.Error(err)
				}
				if !state.Reached {
					admitted.Add(1)
				}
			}
		})
		if got := admitted.Load(); got != rate.Limit {
			w.Errorf("%d were admitted, want %d", got, rate.Limit)
		}
	})
}

func together(do func()) {
	var all sync.WaitGroup
	for range 64 {
		all.Go(do)
	}
	all.Wait()
}

func TestStores_ClockJumps(t *testing.T) {
	each(t, func(w world) {
		w.act("ann", 5, fifth)
		w.act("bob", 5, fifth)
		w.advance(24 * time.Hour)
		w.want("a day ahead", w.act("ann", 5, fifth), 0, false)
		if !w.back(time.Hour) {
			return
		}
		w.want("an hour back", w.act("ann", 1, fifth), 0, true)
		w.want("an hour back, forgotten before", w.act("bob", 1, fifth), 4, false)
		w.advance(50 * time.Second)
		w.want("within the period", w.act("ann", 1, fifth), 0, true)
		w.advance(17 * time.Second)
		w.want("and after it", w.act("ann", 1, fifth), 4, false)
		// Nobody looks until the clock has gone on.
		w.act("eve", 5, fifth)
		w.back(48 * time.Hour)
		w.advance(time.Second)
		w.want("two days back", w.look("eve", fifth), 0, true)
		w.advance(67 * time.Second)
		w.want("and a period later", w.act("eve", 1, fifth), 4, false)
	})
}
