package limits

import (
	"math"
	"testing"
	"time"
)

// A naive log is what a ring is measured against: every act with its time.
type naive []struct{ at, n int64 }

// since returns how much came after at.
func (l naive) since(at int64) (n int64) {
	for _, act := range l {
		if act.at > at {
			n += act.n
		}
	}
	return n
}

// FuzzRing holds a ring to the log: never more than the limit in any period,
// and nothing counts that is older than 1.1 periods.
func FuzzRing(f *testing.F) {
	f.Add(uint16(1000), uint8(5), []byte("\x00\x01\x00\x01\x64\x02\x0a\x05\xff\x05\xff\x05"))
	f.Add(uint16(7), uint8(3), []byte("\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"))
	f.Add(uint16(100), uint8(9), []byte("\x63\x09\x01\x09\x63\x09\x0a\x09\x01\x09"))
	f.Fuzz(func(t *testing.T, p uint16, l uint8, steps []byte) {
		period, limit := int64(p)+1, int64(l)
		sub := subWindow(time.Duration(period), 1)
		var r ring
		var log naive
		now := int64(0)
		for ; len(steps) >= 2; steps = steps[2:] {
			now += int64(steps[0]) * period / 100 // up to 2.5 periods
			n := int64(steps[1]%16) + 1
			r.turn(now / sub)
			used := r.used()
			if young := log.since(now - kept*sub); used > young {
				t.Fatalf("at %d it counts %d, but only %d are younger than %d", now, used, young, kept*sub)
			}
			before := r
			ok, turns := r.do(opTake, n, limit)
			if ok != (used+n <= limit) {
				t.Fatalf("%d of %d are used, and taking %d is %v", used, limit, n, ok)
			}
			if !ok {
				if r != before {
					t.Fatal("what is refused is counted")
				}
				wantMoreAfter(t, r, n, limit, turns)
				continue
			}
			log = append(log, struct{ at, n int64 }{now, n})
			if all := log.since(now - period - 1); all > limit {
				t.Fatalf("%d came in the period that ends at %d, want at most %d", all, now, limit)
			}
		}
	})
}

// wantMoreAfter holds that a refused act is admitted after so many turns, and
// not before.
func wantMoreAfter(t *testing.T, r ring, n, limit, turns int64) {
	t.Helper()
	if n > limit {
		return // never
	}
	early, then := r, r
	early.turn(r.head + turns - 1)
	then.turn(r.head + turns)
	if ok, _ := early.do(opTake, n, limit); ok {
		t.Errorf("%d are admitted already before %d turns", n, turns)
	}
	if ok, _ := then.do(opTake, n, limit); !ok {
		t.Errorf("%d are refused after %d turns", n, turns)
	}
}

// FuzzRingClock holds that no jump of a clock, and nothing given back, makes
// the count wrong by more than it says.
func FuzzRingClock(f *testing.F) {
	f.Add([]byte("\x05\x05\xfb\x05\x80\x03\x7f\x04\x01\x09"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		var r ring
		const limit = 40
		for ; len(steps) >= 2; steps = steps[2:] {
			before := r.used()
			jump := int64(int8(steps[0]))
			r.turn(r.head + jump)
			switch used := r.used(); {
			case jump <= 0 && used != before:
				t.Fatalf("a jump by %d makes %d of %d", jump, used, before)
			case jump >= kept && used != 0:
				t.Fatalf("a jump by %d leaves %d", jump, used)
			}
			n, used := int64(steps[1]>>2), r.used()
			switch op := []operation{opPeek, opTake, opCharge, opRefund}[steps[1]&3]; op {
			case opPeek:
				r.do(op, n, limit)
				wantUsed(t, op, r, used)
			case opRefund:
				r.do(op, n, limit)
				wantUsed(t, op, r, max(used-n, 0))
			case opTake, opCharge:
				if ok, _ := r.do(op, n, limit); ok {
					used += n
				}
				wantUsed(t, op, r, used)
			}
		}
	})
}

func wantUsed(t *testing.T, op operation, r ring, want int64) {
	t.Helper()
	if got := r.used(); got != want {
		t.Fatalf("after %s %d are used, want %d", op, got, want)
	}
	for age, count := range r.counts {
		if count < 0 {
			t.Fatalf("after %s %d are counted at age %d", op, count, age)
		}
	}
}

func TestRing_Turns(t *testing.T) {
	var r ring
	for index := range int64(kept) {
		r.turn(index)
		r.counts[0] = index + 1
	}
	for _, step := range []struct{ index, want int64 }{
		{10, 66},
		{9, 66},  // back: all keep their ages
		{-5, 66}, // also before the beginning
		{-4, 65}, // the one of the first is forgotten
		{-2, 60},
		{5, 11}, // only the newest is left
		{6, 0},
		{math.MaxInt64 / 2, 0},
	} {
		if r.turn(step.index); r.used() != step.want {
			t.Errorf("at %d %d are used, want %d", step.index, r.used(), step.want)
		}
	}
}

func TestRing_GivesBackTheOldestFirst(t *testing.T) {
	var r ring
	r.do(opTake, 5, 10)
	r.turn(3)
	r.do(opTake, 4, 10)
	r.do(opRefund, 6, 10)
	if r.used() != 3 || r.counts[0] != 3 {
		t.Errorf("what is left is %v, want 3 of the newest", r.counts)
	}
}

func TestRing_CountsAtMostWhatIsExact(t *testing.T) {
	var r ring
	r.do(opCharge, most, most)
	r.do(opCharge, most, most)
	r.turn(1)
	r.do(opRefund, 1, most)
	r.do(opCharge, most, most)
	if r.used() != most {
		t.Errorf("%d are used, want %d", r.used(), int64(most))
	}
	for count, want := range map[int64]int64{0: 0, 3: 3, -3: 3, math.MaxInt64: most, math.MinInt64: most} {
		if got := magnitude(count); got != want {
			t.Errorf("the size of %d is %d, want %d", count, got, want)
		}
	}
}

func TestSubWindow(t *testing.T) {
	for _, c := range []struct {
		period, unit time.Duration
		want         int64
	}{
		{time.Second, time.Nanosecond, 1e8},
		{time.Second, time.Microsecond, 1e5},
		{time.Second + 1, time.Nanosecond, 1e8 + 1},
		{time.Millisecond + 1, time.Microsecond, 101},
		{24 * time.Hour, time.Microsecond, 864e7},
	} {
		if got := subWindow(c.period, c.unit); got != c.want {
			t.Errorf("of %v in %v it is %d, want %d", c.period, c.unit, got, c.want)
		}
	}
	for _, c := range [][3]int64{{5, 10, 0}, {-1, 10, -1}, {-10, 10, -1}, {-11, 10, -2}, {20, 10, 2}} {
		if got := floorDiv(c[0], c[1]); got != c[2] {
			t.Errorf("%d/%d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
