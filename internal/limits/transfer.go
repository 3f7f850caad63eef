package limits

import (
	"context"
	"fmt"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/problem"
)

// A Charge is bytes counted before they move. Settle refunds what does not move.
type Charge struct {
	service  *Service
	counters []counter
	bytes    int64
	at       time.Time
}

// maxCharge is the most that one transfer counts, whatever its sender claims: a
// count that overflows would refund what others used.
const maxCharge = maxLimit

// Charge counts n bytes of act for who before they move. It admits a visitor who
// has any bytes left, so that a day ends with a whole file, but only once: the
// bytes count at once, and of two transfers at the same time one is refused.
func (s *Service) Charge(ctx context.Context, act Act, who Caller, n int64) (*Charge, Decision, error) {
	n = min(n, maxCharge)
	charge := &Charge{service: s, bytes: n, at: s.Now()}
	d, err := s.each(ctx, act, who, func(_ limiter.Store, ctx context.Context, key string, rate Rate) (limiter.Context, error) {
		state, err := s.Stores.Sliding.Charge(ctx, key, n, rate)
		if err == nil && !state.Reached {
			charge.counters = append(charge.counters, counter{key: key, rate: rate})
		}
		return state, err
	})
	if err != nil || d.Refused {
		charge.Settle(ctx, 0)
	}
	return charge, d, err
}

// settleTimeout bounds the refund, which outlives the request.
const settleTimeout = 2 * time.Second

// Settle refunds all but the bytes that moved; only the first call counts. It works
// after ctx has ended. A failed refund costs nobody more than they asked for, so it
// is not an error.
func (c *Charge) Settle(ctx context.Context, moved int64) {
	back := c.bytes - moved
	c.bytes = moved
	if back <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	for _, one := range c.counters {
		if c.service.Now().Sub(c.at) >= one.rate.Period {
			continue // the window is over, and counts others now
		}
		_, _ = c.service.Stores.Sliding.Increment(ctx, one.key, -back, one.rate)
	}
}

// busyWait is when a visitor with too many running transfers can try again.
const busyWait = 10 * time.Second

// Begin counts act of who as running until end is called. If too many run already,
// it returns a TooMany problem. It counts in this process only, because a transfer
// is where its connection is.
func (s *Service) Begin(act Act, who Caller) (end func(), err error) {
	rule, ok := s.Current().Rule(act)
	if !ok {
		return nil, fmt.Errorf("no rule limits %q", act)
	}
	begun := s.counters(rule, who)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range begun {
		if s.running[c.key] >= c.rate.Limit {
			s.Counted(act, who.Class, true)
			p := problem.New(problem.TooMany, "You already have %d %s, the maximum. Wait until one finishes, then try again.",
				c.rate.Limit, lowerFirst(rule.Says))
			p.RetryIn = busyWait
			return nil, p
		}
	}
	if s.running == nil {
		s.running = map[string]int64{}
	}
	for _, c := range begun {
		s.running[c.key]++
	}
	s.Counted(act, who.Class, false)
	return func() { s.end(begun) }, nil
}

func (s *Service) end(begun []counter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range begun {
		if s.running[c.key]--; s.running[c.key] == 0 {
			delete(s.running, c.key)
		}
	}
}

func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}
