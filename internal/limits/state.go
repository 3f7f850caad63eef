package limits

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"strconv"
	"time"

	"github.com/ulule/limiter/v3"
)

// keyPrefix begins all our keys, because others can use the same Redis.
const keyPrefix = "cloakroom:limit:"

// check rejects rates that Redis, which counts milliseconds, cannot hold.
func check(rate limiter.Rate) error {
	if rate.Period < time.Millisecond {
		return fmt.Errorf("a rate of %d in %v has too short a period", rate.Limit, rate.Period)
	}
	return nil
}

// limitOf returns the limit of rate within what can be counted.
func limitOf(rate limiter.Rate) int64 { return min(max(rate.Limit, 0), most) }

// operationFor returns op, but maps a count of zero to opPeek and a negative one
// to opRefund.
func operationFor(op operation, count int64) operation {
	switch {
	case count < 0:
		return opRefund
	case count == 0:
		return opPeek
	}
	return op
}

// magnitude returns count without its sign, bounded to what can be counted.
func magnitude(count int64) int64 {
	count = max(count, -most)
	return min(max(count, -count), most)
}

// seededID returns the number of a counter in this process. The seed is secret, so
// that nobody can cause collisions. Each period has a counter of its own.
func seededID(seed maphash.Seed, key string, rate limiter.Rate) uint64 {
	const odd = 0x9e3779b97f4a7c15                                           // spreads the periods over all bits
	return maphash.String(seed, key) ^ uint64(rate.Period.Nanoseconds())*odd //nolint:gosec // its bits are wanted
}

// hashedName returns the name of a counter for all processes. It reveals nothing
// about a visitor and contains nothing that a visitor wrote.
func hashedName(key string, rate limiter.Rate) string {
	sum := sha256.Sum256([]byte(key))
	return strconv.FormatInt(rate.Period.Milliseconds(), 10) + ":" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// stateOf returns the state of a sliding window with this usage.
func stateOf(rate limiter.Rate, ok bool, used int64, wait time.Duration, now time.Time) limiter.Context {
	state := limiter.Context{Limit: rate.Limit, Reached: !ok}
	if ok {
		state.Remaining = max(limitOf(rate)-used, 0)
	}
	if used == 0 {
		wait = rate.Period // a whole window, as in ulule's stores
	}
	state.Reset = ceilSecond(now.Add(wait))
	return state
}

func ceilSecond(at time.Time) int64 {
	if at.Nanosecond() > 0 {
		return at.Unix() + 1
	}
	return at.Unix()
}
