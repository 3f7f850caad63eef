package passwords

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/problem"
)

// Requests do not queue for longer than maxHashWait.
func TestHasher_LimitsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Hasher{slots: make(chan struct{}, 1)}
		h.slots <- struct{}{} // take the only one
		start := time.Now()
		err := h.run(t.Context(), func() error { return errors.New("it was run") })
		if all := problem.All(err); len(all) != 1 || all[0].Kind != problem.Unavailable || all[0].RetryIn <= 0 {
			t.Errorf("err = %v, want Unavailable", err)
		}
		if took := time.Since(start); took != maxHashWait {
			t.Errorf("it waited %v, want %v", took, maxHashWait)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.run(ctx, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the request was cancelled: %v", err)
		}
		go func() {
			time.Sleep(maxHashWait - 1) // of the bubble's time
			<-h.slots
		}()
		if err := h.run(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("a slot became free just before the timeout: %v", err)
		}
		if len(h.slots) != 0 {
			t.Error("a slot was not released")
		}
	})
}
