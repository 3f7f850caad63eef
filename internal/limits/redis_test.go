package limits_test

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/testenv"
)

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
