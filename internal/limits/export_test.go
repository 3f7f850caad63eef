package limits

import (
	"time"

	"github.com/ulule/limiter/v3"
)

// OpenFixed opens a window for key that ends when it likes, as one does whose
// clock went back after it was opened.
func OpenFixed(s *Stores, key string, count int64, rate limiter.Rate, ends time.Duration) {
	s.memory.fixed.cache.Increment(s.memory.fixed.name(key, rate), count, ends)
}
