package limits_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
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

// TestRedis_Shared lets two processes' stores spend one limit.
func TestRedis_Shared(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			url := testenv.Redis(t).URL()
			both := []*limits.Stores{open(t, url, slog.New(slog.DiscardHandler)), open(t, url, slog.New(slog.DiscardHandler))}
			rate := limiter.Rate{Period: time.Hour, Limit: 100}
			var admitted, turn atomic.Int64
			together(func() {
				store := kind(both[turn.Add(1)%2])
				for range 20 {
					state, err := store.Get(t.Context(), "ann", rate)
					if err != nil {
						t.Error(err)
					}
					if !state.Reached {
						admitted.Add(1)
					}
				}
			})
			if got := admitted.Load(); got != rate.Limit {
				t.Errorf("%d were admitted, want %d", got, rate.Limit)
			}
			wantHealthy(t, both[0])
			wantHealthy(t, both[1])
		})
	}
}

// TestRedis_Names holds that nothing a visitor wrote gets into Redis, and that
// nothing stays there.
func TestRedis_Names(t *testing.T) {
	url := testenv.Redis(t).URL()
	stores := open(t, url, slog.New(slog.DiscardHandler))
	for _, kind := range kinds {
		if _, err := kind(stores).Get(t.Context(), "ann\r\nFLUSHALL *{x}", hourly); err != nil {
			t.Fatal(err)
		}
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	names, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(names) != 2 {
		t.Fatalf("Redis holds %q, %v; want two keys", names, err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "cloakroom:limit:") || strings.ContainsAny(name, "\r\n*{ ") || strings.Contains(name, "ann") {
			t.Errorf("a key is named %q", name)
		}
		if left := client.PTTL(t.Context(), name).Val(); left <= 0 || left > 66*time.Minute {
			t.Errorf("%q stays for %v", name, left)
		}
	}
}

// TestRedis_WrongURL holds that no part of a password is told.
func TestRedis_WrongURL(t *testing.T) {
	for _, url := range []string{
		"", "hunter2", "http://:hunter2@localhost", "redis://u:hunter2@localhost:port", "redis://u:/hunter2@localhost:6379",
		"redis://u:p#hunter2@localhost", "redis://u:hunter2@localhost/hunter2", "redis://localhost?password=hunter2",
		"unix://u:hunter2@/run/redis", "redis://u:hunter2%zz@localhost",
	} {
		stores, err := limits.Redis(url, 1, time.Now, slog.New(slog.DiscardHandler))
		if err == nil && !strings.Contains(url, "#") {
			t.Errorf("%q is taken", url)
		}
		if err != nil && strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", url, err)
		}
		if stores != nil {
			stores.Close()
		}
	}
}

// TestRedis_AsMemory holds the script to what ring.go does, by one clock.
func TestRedis_AsMemory(t *testing.T) {
	start := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	server := testenv.RedisAt(t, start)
	now := time.Unix(0, 0) // so that both cut time alike
	clock := func() time.Time { return now }
	memory := limits.Memory(1000, clock)
	shared, err := limits.Redis(server.URL(), 1000, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	now = start
	chance := rand.New(rand.NewPCG(1, 2))
	for step := range 1500 {
		jump := time.Duration(chance.Int64N(int64(3 * time.Second))).Truncate(time.Millisecond)
		switch chance.IntN(40) {
		case 0:
			jump = -jump * 20
		case 1:
			jump *= 10
		}
		now = now.Add(jump)
		server.SetClock(t, now)
		rate := limiter.Rate{Period: 10 * time.Second, Limit: chance.Int64N(12)}
		n, how := chance.Int64N(10)-3, chance.IntN(3)
		one := func(s limits.SlidingStore) limiter.Context {
			var state limiter.Context
			switch how {
			case 0:
				state, err = s.Increment(t.Context(), "ann", n, rate)
			case 1:
				state, err = s.Charge(t.Context(), "ann", n, rate)
			case 2:
				state, err = s.Peek(t.Context(), "ann", rate)
			}
			if err != nil {
				t.Fatal(err)
			}
			return state
		}
		if got, want := one(shared.Sliding), one(memory.Sliding); got != want {
			t.Fatalf("step %d, %d of kind %d: Redis says %+v, memory %+v", step, n, how, got, want)
		}
	}
	wantHealthy(t, shared)
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
