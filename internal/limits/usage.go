package limits

import (
	"context"
	"fmt"
)

// A Use is how much of a rule a caller has used.
type Use struct {
	Rule    Rule
	Windows []Window
}

// Usage returns the state of each rule that is counted by visitor. It counts nothing.
func (s *Service) Usage(ctx context.Context, who Caller) ([]Use, error) {
	var uses []Use
	for _, rule := range s.Current().rules {
		if rule.By != ByVisitor {
			continue
		}
		use := Use{Rule: rule}
		for _, c := range s.counters(rule, who) {
			if rule.Unit == AtOnce {
				use.Windows = append(use.Windows, s.underWay(c))
				continue
			}
			state, err := s.Stores.of(rule.Strategy).Peek(ctx, c.key, c.rate)
			if err != nil {
				return nil, fmt.Errorf("looking at %s: %w", c.name, err)
			}
			use.Windows = append(use.Windows, s.window(c, state))
		}
		uses = append(uses, use)
	}
	return uses, nil
}

func (s *Service) underWay(c counter) Window {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Window{Name: c.name, Limit: c.rate.Limit, Remaining: c.rate.Limit - s.running[c.key]}
}
