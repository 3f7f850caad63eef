package passwords

import (
	"context"
	"errors"
	"strings"
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

// A password opens on every keyboard: composed or not, and with whatever space.
func TestHasher_PreparesPasswords(t *testing.T) {
	h, err := NewHasher(8<<10, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ set, typed string }{
		{"gr\u00fcn wie gras", "gru\u0308n wie gras"}, {"gru\u0308n wie gras", "gr\u00fcn wie gras"},
		{"three words here", "three\u00a0words\u3000here"}, {"with\x07bell inside", "with\x07bell inside"},
	} {
		hash, err := h.Hash(t.Context(), c.set)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := h.Matches(t.Context(), c.typed, hash); !ok || err != nil {
			t.Errorf("%q does not open what %q closed: %v", c.typed, c.set, err)
		}
		if ok, _, _ := h.Matches(t.Context(), strings.ToUpper(c.typed), hash); ok {
			t.Errorf("%q opens in capitals", c.set)
		}
	}
}
