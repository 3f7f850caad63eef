package transfer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.org/cloakroom/internal/problem"
)

// A crawl is an upload that sends a KiB after each of its waits, on a connection that
// enforces its deadline. It uses the time of a synctest bubble.
type crawl struct {
	http.ResponseWriter
	waits    []time.Duration
	deadline time.Time
}

func (c *crawl) SetReadDeadline(at time.Time) error {
	c.deadline = at
	return nil
}

func (c *crawl) Read(p []byte) (int, error) {
	if len(c.waits) == 0 {
		return 0, io.EOF
	}
	if arrives := time.Now().Add(c.waits[0]); arrives.After(c.deadline) {
		<-time.After(time.Until(c.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	<-time.After(c.waits[0])
	c.waits = c.waits[1:]
	return copy(p, make([]byte, 1<<10)), nil
}

func (c *crawl) Close() error { return nil }

// An upload slightly above the minimum rate continues, and one slightly below it ends.
func TestUpload_SlowButLiving(t *testing.T) {
	const idle = time.Minute // for 16 KiB
	each := func(waits ...time.Duration) (all []time.Duration) {
		for range 100 {
			for _, wait := range waits {
				for range 16 {
					all = append(all, wait)
				}
			}
		}
		return all
	}
	burst := append(make([]time.Duration, 15), 59*time.Second)
	tests := []struct {
		name  string
		waits []time.Duration
		whole bool
	}{
		{"just above the pace", each(3740 * time.Millisecond), true},
		{"now fast, now just above it", each(300*time.Millisecond, 3740*time.Millisecond), true},
		{"all at once at the last moment", append(each(350*time.Millisecond), burst...), true},
		{"below the pace", each(4200 * time.Millisecond), false},
		{"fast, then nothing", append(each(time.Millisecond), 70*time.Second), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &crawl{ResponseWriter: httptest.NewRecorder(), waits: tt.waits}
				n, err := io.Copy(io.Discard, newMinRateBody(c, http.NewResponseController(c), idle, func(int) {}))
				if (err == nil) != tt.whole {
					t.Errorf("after %d of %d KiB: %v", n>>10, len(tt.waits)+int(n>>10), err)
				}
			})
		})
	}
}

// A download is cut at the first check that denies access. Checks that fail, because
// the database is unreachable, cut it only after maxUnknown in a row.
func TestWatch(t *testing.T) {
	gone, away := problem.New(problem.NotFound, "There is no such file."), errors.New("the database is away")
	busy := problem.New(problem.Unavailable, "The server is busy.")
	several := func(err error, times int) (all []error) {
		for range times {
			all = append(all, err)
		}
		return all
	}
	tests := []struct {
		name   string
		checks []error // the results of the checks; the last one repeats
		after  time.Duration
		cut    bool
	}{
		{"all is well", []error{nil}, time.Hour, false},
		{"gone", []error{nil, gone}, 2 * pollInterval, true},
		{"away for a while", append(several(away, maxUnknown-1), nil), time.Hour, false},
		{"away and back, again and again", slices.Concat(
			several(busy, maxUnknown-1), []error{nil}, several(away, maxUnknown-1), []error{nil}), time.Hour, false},
		{"away for good", several(away, 1), maxUnknown * pollInterval, true},
		{"away, and then gone", []error{away, gone}, 2 * pollInterval, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newMinRateWriter(httptest.NewRecorder(), time.Minute)
				checks := tt.checks
				stop := w.watch(t.Context(), func(context.Context) error {
					err := checks[0]
					if len(checks) > 1 {
						checks = checks[1:]
					}
					return err
				})
				defer stop()
				<-time.After(tt.after - time.Millisecond)
				if w.cut.Load() {
					t.Error("it is cut too soon")
				}
				<-time.After(2 * time.Millisecond)
				synctest.Wait()
				if _, err := w.Write([]byte("x")); errors.Is(err, errRevoked) != tt.cut {
					t.Errorf("after %v: %v, want cut: %v", tt.after, err, tt.cut)
				}
			})
		})
	}
}
