package files_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/problem"
)

// Each upload counts once, for what became of it.
func TestUploads_CountByOutcome(t *testing.T) {
	h := newFixture(t, databasetest.New(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		name string
		body io.Reader
		want files.Outcome
	}{
		{t.Context(), "a.txt", strings.NewReader("text"), files.Stored},
		{t.Context(), "a.gz", zeros(maxSize + 1), files.TooLarge},
		{t.Context(), "a.pdf", strings.NewReader("%PDF-1.7\n"), files.Refused},
		{t.Context(), "\x00", strings.NewReader("text"), files.Refused},
		{t.Context(), "a.txt", iotest.ErrReader(problem.New(problem.Malformed, "interrupted")), files.Interrupted},
		{t.Context(), "a.txt", iotest.ErrReader(problem.New(problem.Timeout, "too slow")), files.Interrupted},
		{gone, "a.txt", iotest.ErrReader(errors.New("connection reset")), files.Interrupted},
		{t.Context(), "a.txt", iotest.ErrReader(errors.New("a broken disk")), files.Failed},
		{t.Context(), "a.txt", iotest.ErrReader(problem.New(problem.Unavailable, "a full disk")), files.Failed},
	} {
		before := map[files.Outcome]int64{}
		h.Uploads(func(o files.Outcome, n int64) { before[o] = n })
		_, err := h.Receive(tt.ctx, h.ann, files.Input{Name: tt.name, Size: -1, Body: tt.body})
		h.Uploads(func(o files.Outcome, n int64) {
			if got := n - before[o]; got != 0 && o != tt.want || got != 1 && o == tt.want {
				t.Errorf("%q, which ended with %v, counts %d times as %v, want it once as %v", tt.name, err, got, o, tt.want)
			}
		})
	}
}
