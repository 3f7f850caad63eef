package handlers

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
)

func TestChart(t *testing.T) {
	kind := chartKind{"x", "Things", "Day", "N", date, number}
	var points []point
	for i, n := range []int64{0, 1, 1000, 500} {
		points = append(points, point{pagetest.Time.AddDate(0, 0, i), n})
	}
	c := kind.draw(points)
	want := []chartBar{{11, 97, 8, 3}, {21, 0, 8, 100}, {31, 50, 8, 50}}
	if len(c.Bars) != 3 || c.Bars[0] != want[0] || c.Bars[1] != want[1] || c.Bars[2] != want[2] || c.Width != 40 {
		t.Errorf("the bars are %+v, want %+v", c.Bars, want)
	}
	if c.First() != "4 Mar 2026" || c.Last() != "7 Mar 2026" || c.Rows[1].Value != "1,000" {
		t.Errorf("from %s to %s: %+v", c.First(), c.Last(), c.Rows)
	}
	if want := "Things: 1,501 in total, peak 1,000 on 6 Mar 2026"; c.Says != want {
		t.Errorf("it says %q, want %q", c.Says, want)
	}
	if none := kind.draw(points[:1]); none.Says != "Things: none" || none.Bars != nil {
		t.Errorf("nothing is drawn as %+v", none)
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 12: "12", 123: "123", 1234: "1,234", 123456: "123,456", 1234567: "1,234,567", -123: "-123", -1234: "-1,234"} {
		if got := number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// Each answer is counted by its status, whatever led to it.
func TestTroubleIsCounted(t *testing.T) {
	s := newBareServer(t, io.Discard)
	db := databasetest.New(t)
	queue, err := jobs.NewQueue(db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.Overview = &overview.Service{DB: db, Jobs: queue, Now: time.Now}
	for _, handle := range []echo.HandlerFunc{
		func(echo.Context) error { return errors.New("x") },
		func(echo.Context) error { panic("x") },
		func(echo.Context) error { return problem.New(problem.Unavailable, "Later.") },
		func(c echo.Context) error { return c.NoContent(http.StatusBadGateway) },
		func(echo.Context) error { return problem.New(problem.TooMany, "Later.") },
		func(c echo.Context) error { return c.NoContent(http.StatusTooManyRequests) },
		func(echo.Context) error { return problem.New(problem.NotFound, "None.") },
		func(c echo.Context) error { return c.NoContent(http.StatusOK) },
	} {
		serveBare(s, Route{http.MethodGet, "/x", handle, Machines, limits.Exempt, NoBody}, httptest.NewRequest(http.MethodGet, "http://cloakroom.test/x", nil))
	}
	if err := s.Overview.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Overview.Numbers(t.Context())
	if err != nil || got.Errors.LastDay != 4 || got.Limits.LastDay != 2 {
		t.Errorf("%d errors and %d refusals, %v; want 4 and 2", got.Errors.LastDay, got.Limits.LastDay, err)
	}
}
