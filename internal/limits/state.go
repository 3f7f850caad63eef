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

// keyPrefix begins all our keys in a Redis that others may use too.
const keyPrefix = "cloakroom:limit:"

// check refuses rates that Redis, which counts milliseconds, could not keep.
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

// seededID returns the number by which a counter is known in this process. No
// one outside can make two keys alike. Keys of other periods are other
// counters, as windows of other lengths cannot be one.
func seededID(seed maphash.Seed, key string, rate limiter.Rate) uint64 {
	const odd = 0x9e3779b97f4a7c15                                           // spreads the periods over all bits
	return maphash.String(seed, key) ^ uint64(rate.Period.Nanoseconds())*odd //nolint:gosec // its bits are wanted
}

// hashedName returns the name by which all processes know a counter. It tells
// nothing of a visitor and holds nothing that a visitor wrote.
func hashedName(key string, rate limiter.Rate) string {
	sum := sha256.Sum256([]byte(key))
	return strconv.FormatInt(rate.Period.Milliseconds(), 10) + ":" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// stateOf says how it stands with a sliding window of which so much is used.
func stateOf(rate limiter.Rate, ok bool, used int64, wait time.Duration, now time.Time) limiter.Context {
	state := limiter.Context{Limit: rate.Limit, Reached: !ok}
	if ok {
		state.Remaining = max(limitOf(rate)-used, 0)
	}
	if used == 0 {
		wait = rate.Period // nothing is waited for; a whole window, as ulule's stores say
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
