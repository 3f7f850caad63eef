package limits

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/common"
	"github.com/ulule/limiter/v3/drivers/store/memory"
)

// overflows is the number of counters shared by keys for which there is no room.
const overflows = 1024

// ownName is the length of the name of a window that belongs to one key.
const ownName = 8

// fixedMemory counts fixed windows in this process with the cache of ulule's
// memory store. That store has no bound on its keys, and its cleaner can drop a
// window that has just been reopened; so here the cache is cleaned under a lock and
// has a maximum number of windows. Further keys share counters, at random, until
// their windows end.
type fixedMemory struct {
	now   func() time.Time
	epoch time.Time
	seed  maphash.Seed
	most  int64

	mu      sync.RWMutex // held to count for reading, and to clean for writing
	cache   *memory.CacheWrapper
	live    atomic.Int64 // upper bound of the number of own windows
	spilled atomic.Bool  // some may count in an overflow
	cleaned atomic.Int64 // when, since epoch
}

func newFixedMemory(maxKeys int, now func() time.Time) *fixedMemory {
	return &fixedMemory{now: now, epoch: now(), seed: maphash.MakeSeed(), most: int64(max(maxKeys, 1)), cache: memory.NewCache(0)}
}

// Get implements limiter.Store.
func (f *fixedMemory) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return f.Increment(ctx, key, 1, rate)
}

// Peek implements limiter.Store.
func (f *fixedMemory) Peek(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	count, end := f.cache.Get(f.home(key, rate, false), rate.Period)
	return looked(fixedState(rate, end, count)), nil
}

// Increment implements limiter.Store. A fixed window has no refunds.
func (f *fixedMemory) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	if count <= 0 {
		return f.Peek(ctx, key, rate)
	}
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	f.clean()
	f.mu.RLock()
	name := f.home(key, rate, true)
	sum, end := f.cache.Increment(name, min(count, most), rate.Period)
	f.mu.RUnlock()
	if late(end, rate, f.now()) {
		sum, end = f.anchor(name, rate)
	}
	return fixedState(rate, end, sum), nil
}

// Reset implements limiter.Store.
func (f *fixedMemory) Reset(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	// An overflow stays, because other keys share it.
	count, end := f.cache.Reset(f.name(key, rate), rate.Period)
	return looked(fixedState(rate, end, count)), nil
}

// name returns the name of a key's own window. It is short for every key.
func (f *fixedMemory) name(key string, rate limiter.Rate) string {
	var name [ownName]byte
	binary.BigEndian.PutUint64(name[:], seededID(f.seed, key, rate))
	return string(name[:])
}

// home returns the name of the window in which key counts, and reserves room for it
// if open is set. A key that counts in an overflow stays there while that lasts: a
// window of its own would be a second one.
func (f *fixedMemory) home(key string, rate limiter.Rate, open bool) string {
	own := f.name(key, rate)
	if _, known := f.cache.Load(own); known {
		return own
	}
	if f.spilled.Load() {
		shared := f.overflow(own, rate)
		if counter, known := f.cache.Load(shared); known && !counter.Expired() {
			return shared
		}
	}
	if !open || f.live.Add(1) <= f.most {
		return own
	}
	f.live.Add(-1)
	f.spilled.Store(true)
	return f.overflow(own, rate)
}

// overflow returns the name of the window that own shares when there is no room. It
// is longer than any own name, and contains the period, because windows of different
// lengths must not share.
func (f *fixedMemory) overflow(own string, rate limiter.Rate) string {
	name := make([]byte, 0, 16)
	name = binary.BigEndian.AppendUint64(name, binary.BigEndian.Uint64([]byte(own))%overflows)
	return string(strconv.AppendInt(name, rate.Period.Nanoseconds(), 10))
}

// clean drops ended windows and counts the others, unless it did so just now: all
// callers wait for it, so it does not run more often when the cache is full.
func (f *fixedMemory) clean() {
	elapsed, last := f.now().Sub(f.epoch), f.cleaned.Load()
	if since := elapsed - time.Duration(last); since >= 0 && since < sweepEvery || !f.cleaned.CompareAndSwap(last, int64(elapsed)) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cache.Clean()
	live, spilled := int64(0), false
	f.cache.Range(func(name string, _ *memory.Counter) {
		if len(name) > ownName {
			spilled = true
		} else {
			live++
		}
	})
	f.live.Store(live)
	f.spilled.Store(spilled)
}

// anchor ends a window that would end too late, because the clock went back, one
// period from now, and keeps its count.
func (f *fixedMemory) anchor(name string, rate limiter.Rate) (int64, time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	count, end := f.cache.Get(name, rate.Period)
	if !late(end, rate, f.now()) {
		return count, end
	}
	f.cache.Delete(name)
	return f.cache.Increment(name, count, rate.Period)
}

// keys returns an upper bound of the number of windows, without the overflows.
func (f *fixedMemory) keys() int { return int(f.live.Load()) }

// late reports whether a window ends later than one that begins now would.
func late(end time.Time, rate limiter.Rate, now time.Time) bool {
	return end.Sub(now) > rate.Period+time.Second
}

// fixedState returns the state of a window. The second in which it ends still
// belongs to it: ulule rounds that down.
func fixedState(rate limiter.Rate, end time.Time, count int64) limiter.Context {
	state := common.GetContextFromState(end, rate, end, count)
	state.Reset++
	return state
}

// looked turns the state after an act into one for Peek: ulule reports that none
// remain, but not that the next act is refused.
func looked(state limiter.Context) limiter.Context {
	state.Reached = state.Remaining <= 0
	return state
}
