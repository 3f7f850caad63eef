package limits

import (
	"context"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
	"github.com/ulule/limiter/v3"
)

const (
	// failures in a row are an outage: one may be a connection that was cut.
	failures = 3
	// retryAfter is how long Redis is not asked before one act tries it again.
	retryAfter = 2 * time.Second
	// attemptTimeout bounds a call, including connecting, authenticating and
	// loading a script.
	attemptTimeout = time.Second
)

// A circuit decides whether Redis is asked. All stores on one server share one.
type circuit struct {
	breaker *gobreaker.CircuitBreaker[limiter.Context]
	cause   error // of the last failure; the breaker's lock guards it
}

func newCircuit(log *slog.Logger) *circuit {
	c := &circuit{}
	c.breaker = gobreaker.NewCircuitBreaker[limiter.Context](gobreaker.Settings{
		Timeout:     retryAfter,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failures },
		IsSuccessful: func(err error) bool {
			if err != nil {
				c.cause = err
			}
			return err == nil
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch { // a failed retry is no news
			case from == gobreaker.StateClosed:
				log.Warn("Redis does not answer: each process limits by counts of its own", "error", c.cause)
			case to == gobreaker.StateClosed:
				log.Info("Redis answers again: all processes limit by one count")
			}
		},
	})
	return c
}

func (c *circuit) open() bool { return c.breaker.State() != gobreaker.StateClosed }

// try calls Redis if the circuit is closed. The call goes on when the caller hangs
// up: hanging up neither avoids being counted nor looks like an outage.
func (c *circuit) try(ctx context.Context, call func(context.Context) (limiter.Context, error)) (limiter.Context, error) {
	return c.breaker.Execute(func() (limiter.Context, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		return call(ctx)
	})
}

// failover counts in Redis, and in memory while Redis does not answer. What Redis
// admits is counted in memory too, so that a limit that was used up stays used up
// when Redis fails.
type failover[S limiter.Store] struct {
	circuit          *circuit
	primary, standby S
}

// Get implements limiter.Store.
func (f failover[S]) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return f.Increment(ctx, key, 1, rate)
}

// Peek implements limiter.Store.
func (f failover[S]) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return f.do(ctx, rate, never, func(ctx context.Context, store S) (limiter.Context, error) {
		return store.Peek(ctx, key, rate)
	})
}

// Reset implements limiter.Store.
func (f failover[S]) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return f.do(ctx, rate, always, func(ctx context.Context, store S) (limiter.Context, error) {
		return store.Reset(ctx, key, rate)
	})
}

// Increment implements limiter.Store.
func (f failover[S]) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	return f.do(ctx, rate, both(count), func(ctx context.Context, store S) (limiter.Context, error) {
		return store.Increment(ctx, key, count, rate)
	})
}

// slidingFailover is failover for stores that charge.
type slidingFailover struct{ failover[SlidingStore] }

// Charge implements Charger.
func (f slidingFailover) Charge(ctx context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return f.do(ctx, rate, both(n), func(ctx context.Context, store SlidingStore) (limiter.Context, error) {
		return store.Charge(ctx, key, n, rate)
	})
}

// A mirror reports whether what Redis did is repeated in memory.
type mirror func(limiter.Context) bool

func never(limiter.Context) bool          { return false }
func always(limiter.Context) bool         { return true }
func admitted(state limiter.Context) bool { return !state.Reached }

// both is the mirror of a count: refunds are always repeated, the rest if it was
// admitted.
func both(count int64) mirror {
	if count < 0 {
		return always
	}
	return admitted
}

func (f failover[S]) do(ctx context.Context, rate limiter.Rate, too mirror,
	call func(context.Context, S) (limiter.Context, error),
) (limiter.Context, error) {
	if err := check(rate); err != nil { // no fault of Redis
		return limiter.Context{}, err
	}
	state, err := f.circuit.try(ctx, func(ctx context.Context) (limiter.Context, error) { return call(ctx, f.primary) })
	if err != nil {
		return call(ctx, f.standby)
	}
	if too(state) {
		_, _ = call(ctx, f.standby) // memory only fails for a wrong rate
	}
	return state, nil
}
