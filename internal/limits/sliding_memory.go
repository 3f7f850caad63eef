package limits

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/ulule/limiter/v3"
)

const (
	// shards is the number of parts of the counters, each with its own lock.
	shards = 64
	// sampled is how many counters are compared to evict one.
	sampled = 8
	// sweepEvery is how often old counters are removed from a shard in use, and
	// sweepFull how often at most when it is full.
	sweepEvery = 10 * time.Second
	sweepFull  = time.Second
)

// slidingMemory counts sliding windows in this process. It has a maximum number of
// counters and needs no goroutine: using a shard removes its old counters. If there
// is no room, it evicts the counter with the smallest share of its limit, of a few:
// evicting a counter takes as many acts as it has counted.
type slidingMemory struct {
	now    func() time.Time
	epoch  time.Time // times are relative to it, so the monotonic clock counts
	seed   maphash.Seed
	most   int // counters in a shard
	shards [shards]shard
}

type shard struct {
	mu      sync.Mutex
	tallies map[uint64]tally
	swept   time.Duration // since epoch
	_       [40]byte      // the locks of two shards are in two cache lines
}

// A tally is a ring with its sub-window and its limit.
type tally struct {
	ring
	sub, limit int64
}

func newSlidingMemory(maxKeys int, now func() time.Time) *slidingMemory {
	m := &slidingMemory{now: now, epoch: now(), seed: maphash.MakeSeed(), most: max(maxKeys/shards, 1)}
	for i := range m.shards {
		m.shards[i].tallies = map[uint64]tally{}
	}
	return m
}

// Get implements limiter.Store.
func (m *slidingMemory) Get(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return m.do(opTake, key, 1, rate)
}

// Peek implements limiter.Store.
func (m *slidingMemory) Peek(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return m.do(opPeek, key, 0, rate)
}

// Increment implements limiter.Store.
func (m *slidingMemory) Increment(_ context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	return m.do(operationFor(opTake, count), key, magnitude(count), rate)
}

// Charge implements Charger.
func (m *slidingMemory) Charge(_ context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return m.do(operationFor(opCharge, n), key, magnitude(n), rate)
}

// Reset implements limiter.Store.
func (m *slidingMemory) Reset(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	id := seededID(m.seed, key, rate)
	s := &m.shards[id%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tallies, id)
	return stateOf(rate, limitOf(rate) > 0, 0, 0, m.now()), nil
}

func (m *slidingMemory) do(op operation, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	id := seededID(m.seed, key, rate)
	s := &m.shards[id%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	// Read under the lock, so that the clock of a shard does not seem to go back.
	now := m.now()
	elapsed := now.Sub(m.epoch)
	s.sweep(elapsed, sweepEvery)

	t, known := s.tallies[id]
	t.sub, t.limit = subWindow(rate.Period, time.Nanosecond), limitOf(rate)
	index := floorDiv(int64(elapsed), t.sub)
	back := known && index < t.head
	t.turn(index)
	ok, turns := t.do(op, n, t.limit)
	used := t.used()
	switch {
	case used == 0:
		delete(s.tallies, id)
	case back || op == opRefund || ok && op != opPeek:
		if !known {
			s.makeRoom(elapsed, m.most)
		}
		s.tallies[id] = t
	}
	return stateOf(rate, ok, used, time.Duration((t.head+turns)*t.sub)-elapsed, now), nil
}

// makeRoom makes room for one more counter.
func (s *shard) makeRoom(elapsed time.Duration, most int) {
	if len(s.tallies) < most {
		return
	}
	s.sweep(elapsed, sweepFull)
	for len(s.tallies) >= most {
		s.evict(elapsed)
	}
}

// sweep removes the counters that are empty, unless it did so just now.
func (s *shard) sweep(elapsed, every time.Duration) {
	if since := elapsed - s.swept; since >= 0 && since < every {
		return
	}
	s.swept = elapsed
	for id, t := range s.tallies {
		index := floorDiv(int64(elapsed), t.sub)
		back := index < t.head
		t.turn(index)
		switch {
		case t.used() == 0:
			delete(s.tallies, id)
		case back: // or it would seem new until the clock catches up
			s.tallies[id] = t
		}
	}
}

// evict removes the counter with the smallest share of its limit among a few:
// ranging over a map starts at a random place.
func (s *shard) evict(elapsed time.Duration) {
	var victim uint64
	least, seen := int64(-1), 0
	for id, t := range s.tallies {
		t.turn(floorDiv(int64(elapsed), t.sub))
		const whole = 1000 // of parts: most × whole is still an int64
		if share := t.used() * whole / max(t.limit, 1); least < 0 || share < least {
			victim, least = id, share
		}
		if seen++; seen == sampled {
			break
		}
	}
	delete(s.tallies, victim)
}

// keys returns the number of counters.
func (m *slidingMemory) keys() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += len(s.tallies)
		s.mu.Unlock()
	}
	return n
}
