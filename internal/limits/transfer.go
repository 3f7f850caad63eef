package limits

import (
	"context"
	"fmt"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/problem"
)

// A Charge is bytes counted before they move. What does not move is given back
// by Settle.
type Charge struct {
	service  *Service
	counters []counter
	bytes    int64
	at       time.Time
}

// maxCharge is the most that one transfer is counted as, whatever its sender
// claims: a count that overflowed would give back what others used.
const maxCharge = maxLimit

// Charge counts n bytes of act to who before they move. Whoever has any left
// may go on, so that a day's bytes end with a whole file, and only once: what
// crosses the line counts at once, and of two at the same moment one is refused.
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

// settleTimeout bounds the giving back, which outlives the request.
const settleTimeout = 2 * time.Second

// Settle says how many bytes did move, once, and gives back the rest. It works
// though ctx has ended. That a count cannot be corrected costs nobody more than
// what they asked for, so no error comes of it.
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
			continue // it is forgotten, and what is counted now is of others
		}
		_, _ = c.service.Stores.Sliding.Increment(ctx, one.key, -back, one.rate)
	}
}

// busyWait is when one with too much under way may try again.
const busyWait = 10 * time.Second

// Begin counts act of who as under way until end is called, unless there is
// as much of it as may be: then it returns a TooMany problem. It knows this
// process only: a transfer is where its connection is.
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
			p := problem.New(problem.TooMany, "You already have %d %s, the maximum. Wait until one finishes, then try again.", c.rate.Limit, lowerFirst(rule.Says))
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
