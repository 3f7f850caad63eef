package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// A table collects the results, and what each server needed for them.
type table struct {
	rows    [][8]string
	details [][7]string
}

// compared adds the medians of a comparison.
func (t *table) compared(c comparison, sides []side, samples []*sample) {
	ours := median(samples[0].figures)
	row := [8]string{c.name, figure(ours, c.metric.unit)}
	got, known := ours, c.against == ""
	for i, s := range sides {
		if s.child == nil {
			continue
		}
		its := samples[i]
		if theirs := median(its.figures); i > 0 && i < 3 {
			row[1+i], row[3+i] = figure(theirs, c.metric.unit), fmt.Sprintf("%.2f", ours/theirs)
			if s.name == c.against {
				got, known = ours/theirs, true
			}
		}
		t.details = append(t.details, [7]string{c.name, s.name, figure(median(its.figures), c.metric.unit), figure(median(its.p99), "ms"),
			figure(median(its.processor), c.metric.processorUnit), figure(median(its.peak), "MiB"), figure(median(its.resident), "MiB")})
	}
	switch {
	case c.least > 0 && c.against == "":
		row[6] = "≥ " + figure(c.least, c.metric.unit)
	case c.least > 0:
		row[6] = fmt.Sprintf("≥ %.2f of %s", c.least, c.against)
	}
	if c.least > 0 && known {
		row[7] = verdict(got >= c.least)
	}
	t.rows = append(t.rows, row)
	for i, s := range sides[min(3, len(sides)):] { // more than fits into the columns
		theirs := median(samples[3+i].figures)
		t.rows = append(t.rows, [8]string{"  " + s.name, "", figure(theirs, c.metric.unit), "", fmt.Sprintf("%.2f", ours/theirs)})
	}
	if c.p99 > 0 {
		t.most("  99 of 100 within", "ms", median(samples[0].p99), c.p99)
	}
}

// most adds a row with a figure that must be at most aim.
func (t *table) most(name, unit string, got, aim float64) {
	t.rows = append(t.rows, [8]string{name, figure(got, unit), "", "", "", "", "≤ " + figure(aim, unit), verdict(got <= aim)})
}

// say adds a row with a figure that has no aim.
func (t *table) say(name, unit string, got float64) {
	t.rows = append(t.rows, [8]string{name, figure(got, unit)})
}

func (t *table) print(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "load\tours\tbare\tnginx\tof bare\tof nginx\taim\t")
	for _, r := range t.rows {
		_, _ = fmt.Fprintln(out, strings.Join(r[:], "\t"))
	}
	_, _ = fmt.Fprintln(out, "\nload\tserver\tfigure\t99 of 100 within\tprocessor\tpeak memory\tresident after")
	for _, r := range t.details {
		_, _ = fmt.Fprintln(out, strings.Join(r[:], "\t"))
	}
	_ = out.Flush()
}

func figure(n float64, unit string) string {
	if n < 10 {
		return fmt.Sprintf("%.2f %s", n, unit)
	}
	return fmt.Sprintf("%.0f %s", n, unit)
}

func verdict(ok bool) string {
	if ok {
		return "met"
	}
	return "missed"
}

func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[len(sorted)/2] + sorted[(len(sorted)-1)/2]) / 2
}
