package gate

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// requestTo returns the context of a request after its response.
func requestTo(method string) echo.Context {
	c := echo.New().NewContext(httptest.NewRequest(method, "/", http.NoBody), httptest.NewRecorder())
	c.Response().Status, c.Response().Size = http.StatusOK, 100
	VisitOf(c).received = 10
	return c
}

// Counting is part of every request.
func TestTraffic_CountsWithoutAllocating(t *testing.T) {
	var traffic Traffic
	c := requestTo(http.MethodGet)
	handler := traffic.Counted(http.MethodGet, "/posts/:id", func(echo.Context) error { return nil })
	if n := testing.AllocsPerRun(100, func() { _ = handler(c); traffic.count(c, time.Millisecond) }); n != 0 {
		t.Errorf("counting a request allocates %v times", n)
	}
}

// A duration is in one bucket, also at the bounds, and what is slower than all in none.
func TestTraffic_Durations(t *testing.T) {
	var traffic Traffic
	c := requestTo(http.MethodGet)
	route := &RouteTraffic{}
	VisitOf(c).route = route
	for _, bound := range DurationBounds() {
		traffic.count(c, bound)
		traffic.count(c, bound+1)
	}
	for i := range route.Durations {
		want := int64(2)
		if i == 0 {
			want = 1
		}
		if got := route.Durations[i].Load(); got != want {
			t.Errorf("%d requests took up to %v, want %d", got, DurationBounds()[i], want)
		}
	}
	n := int64(2 * len(durationBounds))
	if route.Statuses[2].Load() != n || route.In.Load() != 10*n || route.Out.Load() != 100*n {
		t.Errorf("%d requests with %d bytes in and %d out", route.Statuses[2].Load(), route.In.Load(), route.Out.Load())
	}
}

// Whatever visitors send, the number of counters stays.
func TestTraffic_IsBounded(t *testing.T) {
	var traffic Traffic
	traffic.Counted(http.MethodGet, "/", nil)
	for _, method := range []string{"GET", "get", "PROPFIND", "TRACE", "CONNECT", "X\x00", ""} {
		c := requestTo(http.MethodGet)
		c.Request().Method = method
		c.Response().Status = map[string]int{"X\x00": 0, "": 999}[method]
		traffic.count(c, 0)
	}
	all, other := 0, int64(0)
	traffic.Routes(func(r *RouteTraffic) {
		all++
		if r.Route == NoRoute && r.Method == otherMethod {
			other = r.Statuses[0].Load()
		}
	})
	if all != 1+len(knownMethods)+1 || other != 6 {
		t.Errorf("there are %d counters, and %d requests with another method", all, other)
	}
}

// Several scrapes may run at the same time. The race detector sees what they write.
func TestTraffic_IsReadByMany(t *testing.T) {
	var traffic Traffic
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			traffic.Routes(func(r *RouteTraffic) {
				if r.Route != NoRoute {
					t.Errorf("a counter is of %q", r.Route)
				}
			})
		})
	}
	readers.Wait()
}

// It costs two look-ups of the visit and a few additions.
func BenchmarkTraffic(b *testing.B) {
	var traffic Traffic
	c := requestTo(http.MethodGet)
	handler := traffic.Counted(http.MethodGet, "/posts/:id", func(echo.Context) error { return nil })
	b.ReportAllocs()
	for b.Loop() {
		_ = handler(c)
		traffic.count(c, time.Millisecond)
	}
}
