package gate

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// A Traffic counts requests by route, for the metrics. What a visitor sends never names a
// counter, so the number of counters is fixed when the routes are registered. The zero
// Traffic is ready for use.
type Traffic struct {
	routes []*RouteTraffic
	none   [len(knownMethods) + 1]RouteTraffic // by method; the last is of methods that the site does not serve
	naming sync.Once                           // names none
}

// A RouteTraffic counts the requests of one route and method. A request counts when its
// response ends.
type RouteTraffic struct {
	Method, Route string
	Statuses      [6]atomic.Int64                   // by the first digit of the status; 0: none that exists
	Durations     [len(durationBounds)]atomic.Int64 // those that took up to that bound, and longer than the one before
	Nanoseconds   atomic.Int64                      // of all of them
	In, Out       atomic.Int64                      // bytes of bodies
}

// NoRoute names the requests that no route answers.
const NoRoute = "none"

// durationBounds are the bounds of the durations that are counted apart.
var durationBounds = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second,
	10 * time.Second,
}

// DurationBounds returns the bounds of RouteTraffic.Durations.
func DurationBounds() []time.Duration { return durationBounds[:] }

// knownMethods are the methods that counters and the log tell apart.
var knownMethods = [...]string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// Routes calls do with the counters of each route, and with those of requests that no route
// answers: the path is unknown, or a guard of the whole site rejects the request.
func (t *Traffic) Routes(do func(*RouteTraffic)) {
	t.naming.Do(func() {
		for i := range t.none {
			t.none[i].Route, t.none[i].Method = NoRoute, otherMethod
		}
		for i, method := range knownMethods {
			t.none[i].Method = method
		}
	})
	for _, route := range t.routes {
		do(route)
	}
	for i := range t.none {
		do(&t.none[i])
	}
}

// Counted returns handler, whose requests count for that route and method.
func (t *Traffic) Counted(method, route string, handler echo.HandlerFunc) echo.HandlerFunc {
	counters := &RouteTraffic{Method: method, Route: route}
	t.routes = append(t.routes, counters)
	return func(c echo.Context) error {
		VisitOf(c).route = counters
		return handler(c)
	}
}

// count counts the request of c, which took that long. It allocates nothing.
func (t *Traffic) count(c echo.Context, took time.Duration) {
	visit, response := VisitOf(c), c.Response()
	counters := visit.route
	if counters == nil {
		counters = &t.none[methodIndex(c.Request().Method)]
	}
	class := response.Status / 100
	if class < 0 || class >= len(counters.Statuses) {
		class = 0
	}
	counters.Statuses[class].Add(1)
	counters.Nanoseconds.Add(int64(took))
	for i, bound := range durationBounds {
		if took <= bound {
			counters.Durations[i].Add(1)
			break
		}
	}
	if visit.received > 0 {
		counters.In.Add(visit.received)
	}
	if response.Size > 0 {
		counters.Out.Add(response.Size)
	}
}

// otherMethod stands for the methods that the site does not serve: visitors must be able to
// write neither into the log nor into the names of metrics.
const otherMethod = "other"

// methodIndex returns the place of method in knownMethods, or the one behind it.
func methodIndex(method string) int {
	for i, known := range knownMethods {
		if method == known {
			return i
		}
	}
	return len(knownMethods)
}

// knownMethod returns method, or "other" for methods that the site does not serve.
func knownMethod(method string) string {
	if i := methodIndex(method); i < len(knownMethods) {
		return knownMethods[i]
	}
	return otherMethod
}
