package limits_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/testenv"
)

var hourly = limiter.Rate{Period: time.Hour, Limit: 5}

// TestFailover_KilledAndRestarted takes Redis away in the middle of a window.
func TestFailover_KilledAndRestarted(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			server := testenv.Redis(t)
			log := &journal{}
			stores := open(t, server.URL(), slog.New(slog.NewTextHandler(log, nil)))
			store := kind(stores)
			take := func(what string, times, want int) {
				t.Helper()
				admitted := 0
				for range times {
					state, err := store.Get(t.Context(), "ann", hourly)
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					if !state.Reached {
						admitted++
					}
				}
				if admitted != want {
					t.Errorf("%s: %d were admitted, want %d", what, admitted, want)
				}
			}
			take("with Redis", 3, 3)
			server.Kill()
			// What Redis has counted counts here too.
			take("without Redis", 20, 2)
			if !stores.Degraded() {
				t.Error("nothing says that Redis is gone")
			}
			log.want(t, "level=WARN", 1)

			server.Restart(t)
			until(t, "Redis is used again", func() bool {
				_, err := store.Peek(t.Context(), "ann", hourly)
				return err == nil && !stores.Degraded()
			})
			take("with an empty Redis", 20, 5)
			wantHealthy(t, stores)
			log.want(t, "level=WARN", 1)
			log.want(t, "level=INFO", 1)
		})
	}
}

var kinds = map[string]func(*limits.Stores) limiter.Store{
	"fixed":   func(s *limits.Stores) limiter.Store { return s.Fixed },
	"sliding": func(s *limits.Stores) limiter.Store { return s.Sliding },
}

// TestFailover_NotThereYet starts before Redis does.
func TestFailover_NotThereYet(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			server := testenv.Redis(t)
			server.Kill()
			stores := open(t, server.URL(), slog.New(slog.DiscardHandler))
			if _, err := kind(stores).Get(t.Context(), "ann", hourly); err != nil {
				t.Fatal(err)
			}
			server.Restart(t)
			other := open(t, server.URL(), slog.New(slog.DiscardHandler))
			n := 0
			until(t, "both count in Redis", func() bool {
				n++
				rate := limiter.Rate{Period: time.Hour + time.Duration(n)*time.Second, Limit: 5}
				for _, s := range []*limits.Stores{stores, other} {
					if _, err := kind(s).Get(t.Context(), "bob", rate); err != nil {
						t.Fatal(err)
					}
				}
				state, err := kind(other).Peek(t.Context(), "bob", rate)
				return err == nil && state.Remaining == 3
			})
		})
	}
}

// TestFailover_Hangs connects to what never answers.
func TestFailover_Hangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stores := open(t, "redis://"+l.Addr().String(), slog.New(slog.DiscardHandler))
	began, admitted := time.Now(), 0
	for range 100 {
		state, err := stores.Sliding.Get(t.Context(), "ann", hourly)
		if err != nil {
			t.Fatal(err)
		}
		if !state.Reached {
			admitted++
		}
	}
	// Three that wait, and one more for each time that it is tried again.
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("100 acts took %v", took)
	}
	if admitted != 5 || !stores.Degraded() {
		t.Errorf("%d were admitted, degraded %v; want 5, true", admitted, stores.Degraded())
	}
}

// TestFailover_CallersThatHangUp neither escape being counted nor look like an
// outage.
func TestFailover_CallersThatHangUp(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			stores := open(t, testenv.Redis(t).URL(), slog.New(slog.DiscardHandler))
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			for range 10 {
				if _, err := kind(stores).Get(gone, "ann", hourly); err != nil {
					t.Fatal(err)
				}
			}
			wantHealthy(t, stores)
			if state, err := kind(stores).Peek(t.Context(), "ann", hourly); err != nil || !state.Reached {
				t.Errorf("%+v, %v; want it reached", state, err)
			}
		})
	}
}

// TestFailover_WrongRate is no outage.
func TestFailover_WrongRate(t *testing.T) {
	stores := open(t, testenv.Redis(t).URL(), slog.New(slog.DiscardHandler))
	for range 10 {
		if _, err := stores.Sliding.Get(t.Context(), "ann", limiter.Rate{}); err == nil {
			t.Fatal("a rate without a period counts")
		}
	}
	wantHealthy(t, stores)
}

// until waits for what a server or a circuit takes its time for.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// A journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

var _ io.Writer = (*journal)(nil)

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) want(t *testing.T, level string, times int) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if got := strings.Count(j.text.String(), level); got != times {
		t.Errorf("%s is logged %d times, want %d:\n%s", level, got, times, j.text.String())
	}
}
