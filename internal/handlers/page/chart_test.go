package page

import (
	"testing"

	"example.org/cloakroom/internal/handlers/pagetest"
)

func TestChart(t *testing.T) {
	kind := ChartKind{"x", "Things", "Day", "N", Date, Number}
	var points []Point
	for i, n := range []int64{0, 1, 1000, 500} {
		points = append(points, Point{pagetest.Time.AddDate(0, 0, i), n})
	}
	c := kind.Draw(points)
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
	if none := kind.Draw(points[:1]); none.Says != "Things: none" || none.Bars != nil {
		t.Errorf("nothing is drawn as %+v", none)
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 12: "12", 123: "123", 1234: "1,234", 123456: "123,456", 1234567: "1,234,567", -123: "-123", -1234: "-1,234",
	} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
