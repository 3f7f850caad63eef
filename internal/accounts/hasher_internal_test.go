package accounts

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/problem"
)

// TestHasher_WaitsAtMostForItsTurn holds that logins do not pile up behind the
// hashes that can be made at once.
func TestHasher_WaitsAtMostForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &Hasher{slots: make(chan struct{}, 1)}
		h.slots <- struct{}{} // the only one is taken
		start := time.Now()
		err := h.run(t.Context(), func() error { return errors.New("it was run") })
		if all := problem.All(err); len(all) != 1 || all[0].Kind != problem.Unavailable || all[0].RetryIn <= 0 {
			t.Errorf("err = %v, want that it is busy", err)
		}
		if took := time.Since(start); took != maxHashWait {
			t.Errorf("it waited %v, want %v", took, maxHashWait)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.run(ctx, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the visitor went away: %v", err)
		}
		go func() {
			time.Sleep(maxHashWait - 1) // of the bubble's time
			<-h.slots
		}()
		if err := h.run(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("a slot gets free a moment before the end: %v", err)
		}
		if len(h.slots) != 0 {
			t.Error("a slot is held for ever")
		}
	})
}
