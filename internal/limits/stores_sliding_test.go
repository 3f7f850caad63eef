package limits_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ulule/limiter/v3"
)

func TestStores_PeekCountsNothing(t *testing.T) {
	each(t, func(w world) {
		for range 10 {
			asked := time.Now()
			state := w.look("ann", fifth)
			w.want("unused", state, 5, false)
			if wait := time.Unix(state.Reset, 0).Sub(asked); wait < time.Minute || wait > 62*time.Second {
				w.Errorf("nothing is used, and it is reset in %v", wait)
			}
		}
		w.act("ann", 4, fifth)
		for range 10 {
			w.want("one left", w.look("ann", fifth), 1, false)
			w.want("no count", w.act("ann", 0, fifth), 1, false)
		}
		w.act("ann", 1, fifth)
		w.want("none left", w.look("ann", fifth), 0, true)
	})
}

func TestStores_ResetFrees(t *testing.T) {
	each(t, func(w world) {
		w.act("ann", 5, fifth)
		w.act("bob", 5, fifth)
		w.want("reset", w.is(w.Reset(w.Context(), "ann", fifth)), 5, false)
		w.want("after it", w.act("ann", 1, fifth), 4, false)
		w.want("another", w.act("bob", 1, fifth), 0, true)
	})
}

func TestStores_GiveBack(t *testing.T) {
	each(t, func(w world) {
		w.act("ann", 3, fifth)
		if w.charger == nil {
			w.want("a fixed window", w.act("ann", -2, fifth), 2, false)
			w.want("one that is not open", w.act("bob", -2, fifth), 5, false)
			w.want("and is opened", w.act("bob", 6, fifth), 0, true)
			return
		}
		w.want("two back", w.act("ann", -2, fifth), 4, false)
		w.want("more than there is", w.act("ann", -100, fifth), 5, false)
		w.want("all of it", w.act("ann", 5, fifth), 0, false)
		w.want("as much as there is", w.act("ann", math.MinInt64, fifth), 5, false)
		w.act("ann", 5, fifth)
		w.advance(67 * time.Second)
		w.want("after the window's end", w.act("ann", -5, fifth), 5, false)
		w.want("no free pass", w.act("ann", 6, fifth), 0, true)
		w.want("no free pass", w.act("ann", 5, fifth), 0, false)
		w.want("what never was", w.act("bob", -5, fifth), 5, false)
		w.want("no free pass", w.act("bob", 6, fifth), 0, true)
	})
}

func TestStores_RefusedIsNotCounted(t *testing.T) {
	each(t, func(w world) {
		if w.charger == nil {
			return // fixed windows count it
		}
		w.act("ann", 4, fifth)
		w.want("too many", w.act("ann", 2, fifth), 0, true)
		w.want("just enough", w.act("ann", 1, fifth), 0, false)
	})
}

func TestStores_Charge(t *testing.T) {
	each(t, func(w world) {
		if w.charger == nil {
			return
		}
		day := limiter.Rate{Period: 24 * time.Hour, Limit: 100}
		w.want("within", w.charge("ann", 60, day), 40, false)
		w.want("across the line", w.charge("ann", 1000, day), 0, false)
		for range 3 {
			w.want("beyond it", w.charge("ann", 1, day), 0, true)
		}
		w.want("given back up to it", w.act("ann", -960, day), 0, true)
		w.want("beyond it", w.charge("ann", 1, day), 0, true)
		w.want("given back", w.charge("ann", -1, day), 1, false)
		w.want("once more", w.charge("ann", math.MaxInt64, day), 0, false)
		w.want("beyond it", w.charge("ann", 1, day), 0, true)
		w.advance(27 * time.Hour)
		w.want("the next day", w.charge("ann", 50, day), 50, false)

		var admitted atomic.Int64
		together(func() {
			if !w.charge("all", 60, day).Reached {
				admitted.Add(1)
			}
		})
		if got := admitted.Load(); got != 2 {
			w.Errorf("%d were admitted, want 2", got)
		}
	})
}

// TestStores_ResetOfADebt says when less than the limit is used, which is
// later than when the first is forgotten.
func TestStores_ResetOfADebt(t *testing.T) {
	each(t, func(w world) {
		if w.charger == nil {
			return
		}
		w.charge("ann", 4, fifth)
		w.advance(30 * time.Second)
		w.charge("ann", 100, fifth)
		asked := time.Now()
		state := w.charge("ann", 1, fifth)
		wait := time.Unix(state.Reset, 0).Sub(asked)
		if !state.Reached || wait < 66*time.Second || wait > 68*time.Second {
			w.Fatalf("%+v: that is in %v, want 66s", state, wait)
		}
		w.advance(66*time.Second - time.Millisecond)
		w.want("before", w.charge("ann", 1, fifth), 0, true)
		w.advance(time.Millisecond)
		w.want("then", w.charge("ann", 1, fifth), 4, false)
	})
}

func TestStores_WrongRate(t *testing.T) {
	each(t, func(w world) {
		for _, period := range []time.Duration{0, -time.Second, time.Microsecond} {
			rate := limiter.Rate{Period: period, Limit: 1}
			for name, call := range map[string]func(context.Context, string, limiter.Rate) (limiter.Context, error){
				"Get": w.Get, "Peek": w.Peek, "Reset": w.Reset,
			} {
				if _, err := call(w.Context(), "ann", rate); err == nil {
					w.Errorf("%s counts in periods of %v", name, period)
				}
			}
		}
	})
}
