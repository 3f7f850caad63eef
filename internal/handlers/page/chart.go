package page

import (
	"fmt"
	"math"
	"slices"
	"time"

	"example.org/cloakroom/internal/problem"
)

// The measures of a chart, in units of its drawing, which the page stretches to its
// width.
const (
	chartStep   = 10 // from one bar to the next
	chartBarGap = 2  // between two bars
	chartHeight = 100
	minBar      = 3 // height of the smallest bar, so that it is visible
)

// A Chart shows a number over time, as bars and as a table.
type Chart struct {
	Name   string // for its HTML id
	Title  string
	Says   string // a description for screen readers
	Sums   string // the total and the peak, beside the title
	When   string // the heading of the times: "Day" or "Hour"
	What   string // the heading of the numbers
	Width  int
	Height int
	Bars   []chartBar
	Rows   []chartRow // newest first
}

// A chartBar is a bar and its upper left corner.
type chartBar struct{ X, Y, Width, Height int }

// A chartRow is a row of the table.
type chartRow struct {
	At    time.Time
	When  string
	Value string
}

// First returns the first time of the chart. It must have rows.
func (c Chart) First() string { return c.Rows[len(c.Rows)-1].When }

// Last returns the last time of the chart. It must have rows.
func (c Chart) Last() string { return c.Rows[0].When }

// A Point is a number at a time.
type Point struct {
	At time.Time
	N  int64
}

// A ChartKind is the part of a chart that does not depend on its points.
type ChartKind struct {
	Name, Title, When, What string                 // as in Chart
	Time                    func(time.Time) string // formats a time
	Value                   func(int64) string     // formats a number
}

// Draw returns the chart of points, which must be in the order of their times.
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
			height := max(minBar, int(math.Round(chartHeight*float64(p.N)/float64(most))))
			c.Bars = append(c.Bars, chartBar{
				X: chartStep*i + chartBarGap/2, Y: chartHeight - height, Width: chartStep - chartBarGap, Height: height,
			})
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

// Number formats n for people: 1,234,567.
func Number(n int64) string { return problem.Number(n).String() }
