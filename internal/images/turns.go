package images

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A turn is a decode that waits or runs.
type turn struct {
	user   string
	memory int64
	start  chan struct{} // closed when it can run
}

// share is how many of the workers one user can have: all but one, if there are several. So
// no user's images keep another's waiting.
func (d *Decoder) share() int { return max(1, d.Workers-1) }

// take waits for a worker and for memory, and returns the function that gives them back. It
// returns an Unavailable problem if there is none within wait.
func (d *Decoder) take(ctx context.Context, wait time.Duration, user string, memory int64) (release func(), err error) {
	t := &turn{user: user, memory: min(memory, d.Memory), start: make(chan struct{})}
	d.mu.Lock()
	d.waiting = append(d.waiting, t)
	d.admit()
	d.mu.Unlock()
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-t.start:
		return func() { d.giveBack(t) }, nil
	case <-late.C:
		busy := problem.New(problem.Unavailable, "The server is busy with other images. Try again in a moment.")
		busy.RetryIn = d.Timeout
		err = problem.At("file", busy)
	case <-ctx.Done():
		err = fmt.Errorf("waiting to decode a image: %w", ctx.Err())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.waiting, t); i >= 0 {
		d.waiting = slices.Delete(d.waiting, i, i+1)
		d.admit() // it may have kept others waiting
		return nil, err
	}
	return func() { d.giveBack(t) }, nil // it was let in at the last moment
}

// large is the memory of a decode after which garbage is given back to the system at once, so
// that the next one does not come on top of it.
const large = 128 << 20

// giveBack ends t.
func (d *Decoder) giveBack(t *turn) {
	if t.memory > large {
		debug.FreeOSMemory()
	}
	d.release(t)
}

// release lets others run after t.
func (d *Decoder) release(t *turn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = slices.DeleteFunc(d.running, func(r *turn) bool { return r == t })
	d.admit()
}

// admit starts what can run, in this order: of the user with the fewest that run, the one that
// has waited longest. One that needs more memory than is free keeps others waiting, so that it
// gets its turn.
func (d *Decoder) admit() {
	for len(d.waiting) > 0 && len(d.running) < d.Workers {
		next, fewest := -1, d.share()
		free := d.Memory
		for _, r := range d.running {
			free -= r.memory
		}
		for i, t := range d.waiting {
			if n := d.runningOf(t.user); n < fewest {
				next, fewest = i, n
			}
		}
		if next < 0 || d.waiting[next].memory > free {
			return
		}
		t := d.waiting[next]
		d.waiting = slices.Delete(d.waiting, next, next+1)
		d.running = append(d.running, t)
		close(t.start)
	}
}

// runningOf returns how many images of a user are decoded.
func (d *Decoder) runningOf(user string) (n int) {
	for _, r := range d.running {
		if r.user == user {
			n++
		}
	}
	return n
}
