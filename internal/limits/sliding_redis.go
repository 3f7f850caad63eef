package limits

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
)

//go:embed sliding.lua
var slidingLua string

// slidingRedis counts sliding windows in Redis, with the clock of Redis, so that all
// processes count together.
type slidingRedis struct {
	client *redis.Client
	script *redis.Script
	now    func() time.Time
}

func newSlidingRedis(client *redis.Client, now func() time.Time) *slidingRedis {
	return &slidingRedis{client: client, script: redis.NewScript(slidingLua), now: now}
}

const slidingPrefix = keyPrefix + "sliding:"

// Get implements limiter.Store.
func (s *slidingRedis) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return s.do(ctx, opTake, key, 1, rate)
}

// Peek implements limiter.Store.
func (s *slidingRedis) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return s.do(ctx, opPeek, key, 0, rate)
}

// Increment implements limiter.Store.
func (s *slidingRedis) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	return s.do(ctx, operationFor(opTake, count), key, magnitude(count), rate)
}

// Charge implements Charger.
func (s *slidingRedis) Charge(ctx context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return s.do(ctx, operationFor(opCharge, n), key, magnitude(n), rate)
}

// Reset implements limiter.Store.
func (s *slidingRedis) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	if err := s.client.Del(ctx, slidingPrefix+hashedName(key, rate)).Err(); err != nil {
		return limiter.Context{}, fmt.Errorf("forgetting a sliding window: %w", err)
	}
	return stateOf(rate, limitOf(rate) > 0, 0, 0, s.now()), nil
}

func (s *slidingRedis) do(ctx context.Context, op operation, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	answer, err := s.script.Run(ctx, s.client, []string{slidingPrefix + hashedName(key, rate)},
		string(op), n, limitOf(rate), subWindow(rate.Period, time.Microsecond)).Int64Slice()
	if err == nil && len(answer) != 3 {
		err = fmt.Errorf("the script answers %d numbers, not 3", len(answer))
	}
	if err != nil {
		return limiter.Context{}, fmt.Errorf("counting in a sliding window: %w", err)
	}
	// The clock of Redis can differ from ours, so its answer is a duration.
	wait := time.Duration(answer[2]) * time.Microsecond
	return stateOf(rate, answer[0] == 1, answer[1], wait, s.now()), nil
}
