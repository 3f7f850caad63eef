package limits

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
	ulule "github.com/ulule/limiter/v3/drivers/store/redis"
)

// fixedRedis counts fixed windows with ulule's Redis store. That store loads its
// scripts when it is created, so it is created at its first use: Redis does not have
// to run before.
type fixedRedis struct {
	client *redis.Client
	now    func() time.Time
	made   atomic.Pointer[limiter.Store]
}

const fixedPrefix = keyPrefix + "fixed"

func (f *fixedRedis) store() (limiter.Store, error) {
	if store := f.made.Load(); store != nil {
		return *store, nil
	}
	// Concurrent callers do not wait for one that waits for Redis.
	store, err := ulule.NewStoreWithOptions(f.client, limiter.StoreOptions{Prefix: fixedPrefix})
	if err != nil {
		return nil, fmt.Errorf("loading the scripts of fixed windows: %w", err)
	}
	f.made.Store(&store)
	return store, nil
}

// Get implements limiter.Store.
func (f *fixedRedis) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return f.Increment(ctx, key, 1, rate)
}

// Peek implements limiter.Store.
func (f *fixedRedis) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	state, err := f.do(ctx, key, rate, func(store limiter.Store, name string) (limiter.Context, error) {
		return store.Peek(ctx, name, rate)
	})
	return looked(state), err
}

// Increment implements limiter.Store. A fixed window has no refunds.
func (f *fixedRedis) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	if count <= 0 {
		return f.Peek(ctx, key, rate)
	}
	return f.do(ctx, key, rate, func(store limiter.Store, name string) (limiter.Context, error) {
		return store.Increment(ctx, name, min(count, most), rate)
	})
}

// Reset implements limiter.Store.
func (f *fixedRedis) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	state, err := f.do(ctx, key, rate, func(store limiter.Store, name string) (limiter.Context, error) {
		return store.Reset(ctx, name, rate)
	})
	return looked(state), err
}

func (f *fixedRedis) do(ctx context.Context, key string, rate limiter.Rate,
	one func(store limiter.Store, name string) (limiter.Context, error),
) (limiter.Context, error) {
	if err := check(rate); err != nil {
		return limiter.Context{}, err
	}
	store, err := f.store()
	if err != nil {
		return limiter.Context{}, err
	}
	name := hashedName(key, rate)
	state, err := one(store, name)
	if err != nil {
		return limiter.Context{}, fmt.Errorf("counting in a fixed window: %w", err)
	}
	if late(time.Unix(state.Reset, 0), rate, f.now()) {
		// The server's clock went back. The window ends a period from now.
		if err := f.client.PExpire(ctx, fixedPrefix+":"+name, rate.Period).Err(); err != nil {
			return limiter.Context{}, fmt.Errorf("shortening a fixed window: %w", err)
		}
		state.Reset = f.now().Add(rate.Period).Unix()
	}
	state.Reset++ // ulule rounds down
	return state, nil
}
