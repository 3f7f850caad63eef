package limits_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/testenv"
)

// generous never refuses: what is refused is cheaper.
var generous = limiter.Rate{Period: time.Hour, Limit: 1 << 40}

// BenchmarkStore measures one act, with ulule's own memory store beside ours.
func BenchmarkStore(b *testing.B) {
	const most = 1 << 18
	for _, c := range []struct {
		name string
		open func() limiter.Store
	}{
		{"ulule-fixed", memory.NewStore},
		{"memory-fixed", func() limiter.Store { return limits.Memory(most, time.Now).Fixed }},
		{"memory-sliding", func() limiter.Store { return limits.Memory(most, time.Now).Sliding }},
	} {
		for _, keys := range []int{1, 100_000} {
			b.Run(fmt.Sprintf("%s/keys=%d", c.name, keys), func(b *testing.B) { spend(b, c.open(), keys, false) })
			b.Run(fmt.Sprintf("%s/keys=%d/parallel", c.name, keys), func(b *testing.B) { spend(b, c.open(), keys, true) })
		}
	}
	for name, kind := range kinds {
		b.Run("redis-"+name, func(b *testing.B) {
			stores := open(b, testenv.Redis(b).URL(), slog.New(slog.DiscardHandler))
			spend(b, kind(stores), 1000, false)
		})
		b.Run("redis-"+name+"/parallel", func(b *testing.B) {
			stores := open(b, testenv.Redis(b).URL(), slog.New(slog.DiscardHandler))
			spend(b, kind(stores), 1000, true)
		})
	}
}

func spend(b *testing.B, store limiter.Store, keys int, parallel bool) {
	names := make([]string, keys)
	for i := range names {
		names[i] = "page:1m:a:2001:db8:" + strconv.Itoa(i) + "::/64" // as long as real ones
	}
	act := func(i int) {
		if state, err := store.Get(context.Background(), names[i%keys], generous); err != nil || state.Reached {
			b.Error(state, err)
		}
	}
	for i := range keys { // all are known before it is measured
		act(i)
	}
	b.ReportAllocs()
	if !parallel {
		for i := 0; b.Loop(); i++ {
			act(i)
		}
		return
	}
	var worker atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(next *testing.PB) {
		for i := int(worker.Add(1)) * 7919; next.Next(); i++ {
			act(i)
		}
	})
}

// BenchmarkStoreMemory measures what a key costs in memory.
func BenchmarkStoreMemory(b *testing.B) {
	const keys = 100_000
	for _, c := range []struct {
		name string
		open func() limiter.Store
	}{
		{"ulule-fixed", memory.NewStore},
		{"memory-fixed", func() limiter.Store { return limits.Memory(2*keys, time.Now).Fixed }},
		{"memory-sliding", func() limiter.Store { return limits.Memory(2*keys, time.Now).Sliding }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				before, store := heap(), c.open()
				for i := range keys {
					// A string of its own, as each request makes one.
					if _, err := store.Get(b.Context(), "page:1m:a:2001:db8:"+strconv.Itoa(i)+"::/64", generous); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(heap()-before)/keys, "bytes/key")
				runtime.KeepAlive(store)
			}
		})
	}
}
