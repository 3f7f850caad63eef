package images

import (
	"sync/atomic"
	"time"
)

// A total is a number of times something took, and how long they took together.
type total struct{ count, nanoseconds atomic.Int64 }

// since adds the time since start, and returns the time now.
func (t *total) since(start time.Time) time.Time {
	now := time.Now() //nolint:forbidigo // how long work takes is real time
	t.count.Add(1)
	t.nanoseconds.Add(int64(now.Sub(start)))
	return now
}

// Stats is what a Decoder did since the start, and does now.
type Stats struct {
	Waiting, Running       int
	Waits, Decodes         int64
	WaitTime, DecodingTime time.Duration // of all of them together
}

// Stats returns the state of d, for the metrics.
func (d *Decoder) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Stats{
		Waiting: len(d.waiting), Running: len(d.running), Waits: d.waited.count.Load(), Decodes: d.decoded.count.Load(),
		WaitTime: time.Duration(d.waited.nanoseconds.Load()), DecodingTime: time.Duration(d.decoded.nanoseconds.Load()),
	}
}
