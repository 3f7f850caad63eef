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

// overflows is how many counters are shared by those for whom there is no room.
const overflows = 1024

// ownName is how long the name of a window is that is one key's alone.
const ownName = 8

// fixedMemory counts fixed windows in this process by the cache of ulule's
// memory store. That store itself holds as many keys as one sends it, and its
// cleaner can drop a window that has just been opened anew; so here the cache
// is cleaned under a lock, and never holds more than so many windows. Whoever
// comes then shares a counter with others, by chance, until their window ends.
type fixedMemory struct {
	now   func() time.Time
	epoch time.Time
	seed  maphash.Seed
	most  int64

	mu      sync.RWMutex // held to count for reading, and to clean for writing
	cache   *memory.CacheWrapper
	live    atomic.Int64 // how many windows of their own there are at most
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

// Increment implements limiter.Store. A fixed window gives nothing back.
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
	// An overflow is left as it is: it is not this key's alone.
	count, end := f.cache.Reset(f.name(key, rate), rate.Period)
	return looked(fixedState(rate, end, count)), nil
}

// name is that of a key's own window. It is short, whatever the key.
func (f *fixedMemory) name(key string, rate limiter.Rate) string {
	var name [ownName]byte
	binary.BigEndian.PutUint64(name[:], seededID(f.seed, key, rate))
	return string(name[:])
}

// home returns the name of the window in which key counts, and books it if it
// is to be opened. Who has been counting in an overflow goes on there while it
// lasts: a window of their own would be a second one.
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

// overflow is the name of the window that own shares when there is no room. It
// is longer than any own one. The period is part of the seeded number already,
// but windows of other lengths must not be one, so it is in the name too.
func (f *fixedMemory) overflow(own string, rate limiter.Rate) string {
	name := make([]byte, 0, 16)
	name = binary.BigEndian.AppendUint64(name, binary.BigEndian.Uint64([]byte(own))%overflows)
	return string(strconv.AppendInt(name, rate.Period.Nanoseconds(), 10))
}

// clean drops what has ended and counts what is left, unless that was done a
// moment ago: all wait for it, so it is not done more often when it is full.
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

// anchor lets a window that would end too late, since the clock went back, end
// a period from now, with all that it counts.
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

// keys returns how many windows there are at most, without the overflows.
func (f *fixedMemory) keys() int { return int(f.live.Load()) }

// late reports whether a window ends later than one that begins now.
func late(end time.Time, rate limiter.Rate, now time.Time) bool {
	return end.Sub(now) > rate.Period+time.Second
}

// fixedState says how it stands with a window. The second in which it ends is
// still its own: ulule rounds that down.
func fixedState(rate limiter.Rate, end time.Time, count int64) limiter.Context {
	state := common.GetContextFromState(end, rate, end, count)
	state.Reset++
	return state
}

// looked makes of what was an act what is a look: ulule says of one that none
// is left, but not that the next is refused.
func looked(state limiter.Context) limiter.Context {
	state.Reached = state.Remaining <= 0
	return state
}
