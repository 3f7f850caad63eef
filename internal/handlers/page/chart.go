package page

import (
	"fmt"
	"math"
	"slices"
	"time"

	"example.org/cloakroom/internal/problem"
)

// The measures of a chart, in units of its drawing, which is stretched to the
// width that there is.
const (
	chartStep   = 10 // from one bar to the next
	chartBarGap = 2  // of which are free
	chartHeight = 100
	chartLeast  = 3 // how high what is not nothing is, so that it is seen
)

// A chart shows how much there was over time, as bars that the server draws,
// and as a table of the same numbers.
type Chart struct {
	Name   string // for its id
	Title  string
	Says   string // what is seen, for who does not see it
	Sums   string // what it comes to, beside the title
	When   string // what the times are: "Day" or "Hour"
	What   string // what the numbers are
	Width  int
	Height int
	Bars   []chartBar
	Rows   []chartRow // the last first
}

// A chartBar is a bar with its upper left corner.
type chartBar struct{ X, Y, Width, Height int }

// A chartRow is a line of the table.
type chartRow struct {
	At    time.Time
	When  string
	Value string
}

// First and Last are the ends of the time that is shown.
func (c Chart) First() string { return c.Rows[len(c.Rows)-1].When }

// Last is where the chart ends.
func (c Chart) Last() string { return c.Rows[0].When }

// A point is how much there was at a time.
type Point struct {
	At time.Time
	N  int64
}

// A ChartKind is what a chart is about.
type ChartKind struct {
	Name, Title, When, What string
	Time                    func(time.Time) string
	Value                   func(int64) string
}

// Draw makes the chart of points, which come in the order of their times.
func (k ChartKind) Draw(points []Point) Chart {
	c := Chart{Name: k.Name, Title: k.Title, When: k.When, What: k.What, Width: chartStep * len(points), Height: chartHeight}
	var sum, most int64
	var peak time.Time
	for _, p := range points {
		if sum += p.N; p.N > most {
			most, peak = p.N, p.At
		}
	}
	for i, p := range points {
		if p.N > 0 {
			height := max(chartLeast, int(math.Round(chartHeight*float64(p.N)/float64(most))))
			c.Bars = append(c.Bars, chartBar{X: chartStep*i + chartBarGap/2, Y: chartHeight - height, Width: chartStep - chartBarGap, Height: height})
		}
		c.Rows = append(c.Rows, chartRow{At: p.At, When: k.Time(p.At), Value: k.Value(p.N)})
	}
	slices.Reverse(c.Rows)
	c.Sums = k.Value(sum) + " in total"
	c.Says = fmt.Sprintf("%s: none", k.Title)
	if most > 0 {
		c.Sums += ", peak " + k.Value(most)
		c.Says = fmt.Sprintf("%s: %s in total, peak %s on %s", k.Title, k.Value(sum), k.Value(most), k.Time(peak))
	}
	return c
}

// Number writes n the way people read it: 1,234,567.
func Number(n int64) string { return problem.Number(n).String() }
