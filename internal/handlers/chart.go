package handlers

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
type chart struct {
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
func (c chart) First() string { return c.Rows[len(c.Rows)-1].When }

// Last is where the chart ends.
func (c chart) Last() string { return c.Rows[0].When }

// A point is how much there was at a time.
type point struct {
	at time.Time
	n  int64
}

// A chartKind is what a chart is about.
type chartKind struct {
	name, title, when, what string
	time                    func(time.Time) string
	value                   func(int64) string
}

// draw makes the chart of points, which come in the order of their times.
func (k chartKind) draw(points []point) chart {
	c := chart{Name: k.name, Title: k.title, When: k.when, What: k.what, Width: chartStep * len(points), Height: chartHeight}
	var sum, most int64
	var peak time.Time
	for _, p := range points {
		if sum += p.n; p.n > most {
			most, peak = p.n, p.at
		}
	}
	for i, p := range points {
		if p.n > 0 {
			height := max(chartLeast, int(math.Round(chartHeight*float64(p.n)/float64(most))))
			c.Bars = append(c.Bars, chartBar{X: chartStep*i + chartBarGap/2, Y: chartHeight - height, Width: chartStep - chartBarGap, Height: height})
		}
		c.Rows = append(c.Rows, chartRow{At: p.at, When: k.time(p.at), Value: k.value(p.n)})
	}
	slices.Reverse(c.Rows)
	c.Sums = k.value(sum) + " in total"
	c.Says = fmt.Sprintf("%s: none", k.title)
	if most > 0 {
		c.Sums += ", peak " + k.value(most)
		c.Says = fmt.Sprintf("%s: %s in total, peak %s on %s", k.title, k.value(sum), k.value(most), k.time(peak))
	}
	return c
}

// number writes n the way people read it: 1,234,567.
func number(n int64) string { return problem.Number(n).String() }
