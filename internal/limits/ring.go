package limits

import "time"

const (
	// subWindows is the number of parts of a period.
	subWindows = 10
	// kept is how many of them count: the current one and a whole period before it,
	// so that no period has more than the limit.
	kept = subWindows + 1
	// most is the greatest count that Redis's Lua represents exactly.
	most = 1<<53 - 1
)

// A ring counts acts in the current sub-window and in the ten before it. It forgets
// an act between 1.0 and 1.1 periods later. sliding.lua is the same arithmetic for
// Redis.
type ring struct {
	head   int64       // the newest sub-window, counted from when the clock began
	counts [kept]int64 // by age: the first is of head
}

// An operation is what is done with a ring.
type operation string

const (
	opPeek   operation = "peek"   // counts nothing
	opTake   operation = "take"   // counts if all of it is within the limit
	opCharge operation = "charge" // counts if any is left, so the limit is crossed once
	opRefund operation = "refund" // gives back what was counted
)

// turn makes index the newest sub-window and forgets what is too old. If the
// clock goes back, all counts keep their age: nobody waits for as long as it
// jumped, and nobody gets anything twice.
func (r *ring) turn(index int64) {
	if by := min(index-r.head, kept); by > 0 {
		copy(r.counts[by:], r.counts[:])
		clear(r.counts[:by])
	}
	r.head = index
}

func (r *ring) used() (n int64) {
	for _, count := range r.counts {
		n += count
	}
	return n
}

// do counts n by op. It reports whether n was admitted (for opPeek and opRefund:
// whether one more would be) and after how many turns more is available. Neither n
// nor limit is negative or more than most.
func (r *ring) do(op operation, n, limit int64) (ok bool, turns int64) {
	used, need := r.used(), int64(1)
	ok = used < limit
	switch op {
	case opTake:
		if ok = n <= limit-used; ok {
			r.counts[0] += n
		}
		need = min(n, limit)
	case opCharge:
		if ok {
			r.counts[0] += min(n, most-used)
		}
	case opRefund:
		r.refund(n)
		ok = r.used() < limit
	}
	return ok, r.turnsUntil(func(left, used int64) bool {
		if ok {
			return left < used
		}
		return limit-left >= need
	})
}

// refund takes the oldest counts first. What is given back may have been counted
// at any time, so the rest counts for too long at worst, never too short.
func (r *ring) refund(n int64) {
	for age := kept - 1; age >= 0; age-- {
		back := min(n, r.counts[age])
		r.counts[age] -= back
		n -= back
	}
}

// turnsUntil returns after how many turns enough of the usage is forgotten, at most
// the number that forgets all of it.
func (r *ring) turnsUntil(enough func(left, used int64) bool) int64 {
	used := r.used()
	left := used
	for age := kept - 1; age >= 0; age-- {
		left -= r.counts[age]
		if enough(left, used) {
			return int64(kept - age)
		}
	}
	return kept
}

// subWindow returns the length of a sub-window, rounded up, because ten of them must
// not be shorter than a period.
func subWindow(period, unit time.Duration) int64 {
	units := (period + unit - 1) / unit
	return int64((units + subWindows - 1) / subWindows)
}

// floorDiv is a/b rounded down, also for a negative a.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
