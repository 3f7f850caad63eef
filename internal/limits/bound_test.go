package limits_test

import (
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/limits"
)

// TestMemory_Bounded sends a million visitors through each store.
func TestMemory_Bounded(t *testing.T) {
	const visitors, most = 1_000_000, 100_000
	const bytesPerKey = 400 // that may stay in memory
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			before := heap()
			stores := limits.Memory(most, time.Now)
			store := kind(stores)
			spend := func(key string, n int64) bool {
				state, err := store.Increment(t.Context(), key, n, hourly)
				if err != nil {
					t.Fatal(err)
				}
				return !state.Reached
			}
			if !spend("hot", 4) || !spend("hot", 1) {
				t.Fatal("the first are refused")
			}
			peak := 0
			for i := range visitors {
				spend(strconv.Itoa(i), 1)
				if i%100_000 == 0 {
					peak = max(peak, stores.Keys())
				}
			}
			peak = max(peak, stores.Keys())
			if peak > most || peak < most/2 {
				t.Errorf("%d counters are in memory, want at most %d, and half as many at least", peak, most)
			}
			grown := heap() - before
			t.Logf("%d counters, %d bytes each", stores.Keys(), grown/int64(stores.Keys()))
			if grown > most*bytesPerKey {
				t.Errorf("the heap has grown by %d bytes, want at most %d", grown, most*bytesPerKey)
			}
			if spend("hot", 1) {
				t.Error("a flood of others makes one forgotten who was at the limit")
			}
			if name == "fixed" {
				for range 5 { // shared with others or not
					spend("late", 1)
				}
				if spend("late", 1) {
					t.Error("who comes when there is no room is not limited")
				}
			}
			runtime.KeepAlive(stores)
		})
	}
}

func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestMemory_RoomComesBack fills both stores, and looks after a while.
func TestMemory_RoomComesBack(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stores := limits.Memory(64, time.Now)
				spend := func(key string) limiter.Context {
					state, err := kind(stores).Get(t.Context(), key, fifth)
					if err != nil {
						t.Fatal(err)
					}
					return state
				}
				for i := range 5000 {
					spend(strconv.Itoa(i))
				}
				if stores.Keys() > 64 {
					t.Errorf("%d counters, want at most 64", stores.Keys())
				}
				time.Sleep(70 * time.Second) // of the bubble
				for i := range 5000 {
					key := "new " + strconv.Itoa(i)
					if state := spend(key); i == 0 && state.Remaining != 4 {
						t.Errorf("with room again %d remain, want 4", state.Remaining)
					}
				}
				time.Sleep(70 * time.Second) // of the bubble
				for range 2 {
					for i := range 32 { // each part drops what is old when it is used
						spend("last " + strconv.Itoa(i))
					}
				}
				if stores.Keys() > 64 {
					t.Errorf("%d counters, want at most 64", stores.Keys())
				}
			})
		})
	}
}

// TestFixedMemory_Overflow holds that who shares a counter goes on with it when
// there is room again, and gets no second window.
func TestFixedMemory_Overflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stores := limits.Memory(1, time.Now)
		spend := func(key string, rate limiter.Rate) bool {
			state, err := stores.Fixed.Get(t.Context(), key, rate)
			if err != nil {
				t.Fatal(err)
			}
			return !state.Reached
		}
		spend("first", limiter.Rate{Period: time.Second, Limit: 5})
		for i := range 10 {
			if got := spend("ann", fifth); got != (i < 5) {
				t.Errorf("act %d without room: %v", i, got)
			}
		}
		time.Sleep(20 * time.Second) // of the bubble
		// The first is dropped, so there is room, but not for ann.
		if spend("ann", fifth) || stores.Keys() != 0 {
			t.Errorf("with room again ann has a second window, or there are %d", stores.Keys())
		}
		if state, err := stores.Fixed.Peek(t.Context(), "ann", fifth); err != nil || !state.Reached {
			t.Errorf("a look says %+v, %v", state, err)
		}
		time.Sleep(41 * time.Second) // of the bubble
		if !spend("ann", fifth) || stores.Keys() != 1 {
			t.Errorf("a period later ann has no window, of %d", stores.Keys())
		}
	})
}

// TestFixedMemory_ClockWentBack holds that a window that would end in an hour,
// since the clock went back, ends in a period and counts what it counted.
func TestFixedMemory_ClockWentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stores := limits.Memory(100, time.Now)
		limits.OpenFixed(stores, "ann", 4, fifth, time.Hour)
		for i, want := range []bool{true, false} {
			state, err := stores.Fixed.Get(t.Context(), "ann", fifth)
			if err != nil || state.Reached == want || time.Until(time.Unix(state.Reset, 0)) > 61*time.Second {
				t.Errorf("act %d: %+v, %v", i, state, err)
			}
		}
		time.Sleep(time.Minute + time.Millisecond) // of the bubble
		if state, err := stores.Fixed.Get(t.Context(), "ann", fifth); err != nil || state.Remaining != 4 {
			t.Errorf("a period later: %+v, %v", state, err)
		}
	})
}
