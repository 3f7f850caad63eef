package limits

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
)

// Stores count acts, in fixed and in sliding windows. All stores, in memory and in
// Redis, keep this contract:
//
//   - Get is Increment by 1. An act that would exceed the limit is refused: its
//     Context says Reached, and that none remain. Concurrent calls never exceed
//     the limit. Rates of different periods count separately for the same key;
//     another limit for the same period continues the count.
//   - Reset in a Context is a Unix second, rounded up, at which more is
//     admitted than now: the end of a fixed window, or when a sliding one
//     forgets enough for the act that was refused. If nothing is counted, it is
//     a period from now.
//   - Peek counts nothing; it says Reached if one more would be refused.
//   - Store.Reset forgets the key.
//   - A clock that jumps ahead ends windows; one that goes back extends none by
//     more than a period, and forgets nothing.
//
// A fixed window begins with the first act and counts what it refuses. It has no
// refunds: a count that is not positive only peeks.
//
// A sliding window admits n if that keeps the usage within the limit, and does not
// count what it refuses. A negative count is a refund, within a period of when it
// was taken; the usage is never below zero. No period ever has more than the limit,
// and what was used is free again at most 1.1 periods later.
type Stores struct {
	Fixed   limiter.Store
	Sliding SlidingStore

	memory  *memoryStores
	circuit *circuit      // nil without Redis
	client  *redis.Client // nil without Redis
}

// A SlidingStore counts sliding windows, and bytes by them.
type SlidingStore interface {
	limiter.Store
	Charger
}

// A Charger counts what can cross the limit once.
type Charger interface {
	// Charge counts n, in one step, if less than the limit is used, even if more is
	// used afterwards; later charges are refused, and not counted, until less is
	// used again. A negative n is a refund as by Increment.
	Charge(ctx context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error)
}

type memoryStores struct {
	fixed   *fixedMemory
	sliding *slidingMemory
}

// Memory returns stores for a single process. Each holds at most maxKeys
// counters, the fixed one besides a number that does not grow.
func Memory(maxKeys int, now func() time.Time) *Stores {
	m := &memoryStores{fixed: newFixedMemory(maxKeys, now), sliding: newSlidingMemory(maxKeys, now)}
	return &Stores{Fixed: m.fixed, Sliding: m.sliding, memory: m}
}

// Redis returns stores that count in the Redis at rawURL (redis:// or rediss://),
// together with all processes that use it, and in memory while it does not answer.
// It does not have to run yet.
func Redis(rawURL string, maxKeys int, now func() time.Time, log *slog.Logger) (*Stores, error) {
	client, err := newClient(rawURL)
	if err != nil {
		return nil, err
	}
	s := Memory(maxKeys, now)
	s.client, s.circuit = client, newCircuit(log)
	s.Fixed = failover[limiter.Store]{s.circuit, &fixedRedis{client: client, now: now}, s.memory.fixed}
	s.Sliding = slidingFailover{failover[SlidingStore]{s.circuit, newSlidingRedis(client, now), s.memory.sliding}}
	return s, nil
}

// Degraded reports whether memory replaces Redis at the moment.
func (s *Stores) Degraded() bool { return s.circuit != nil && s.circuit.open() }

// Keys returns the number of counters in memory.
func (s *Stores) Keys() int { return s.memory.fixed.keys() + s.memory.sliding.keys() }

// Close closes the connections to Redis.
func (s *Stores) Close() error {
	if s.client == nil {
		return nil
	}
	return s.client.Close()
}
