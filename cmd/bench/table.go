package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// A table collects the results.
type table struct{ rows [][6]string }

// ratio adds a row with two medians: ours must be at least aim times bare, unless aim is 0.
func (t *table) ratio(name, unit string, ours, bare []float64, aim float64) {
	o, b := median(ours), median(bare)
	row := [6]string{name, figure(o, unit), figure(b, unit), fmt.Sprintf("%.2f", o/b), "", ""}
	if aim > 0 {
		row[4], row[5] = fmt.Sprintf("≥ %.2f", aim), verdict(o/b >= aim)
	}
	t.rows = append(t.rows, row)
}

// most adds a row with a figure that must be at most aim.
func (t *table) most(name, unit string, got, aim float64) {
	t.rows = append(t.rows, [6]string{name, figure(got, unit), "", "", "≤ " + figure(aim, unit), verdict(got <= aim)})
}

// least adds a row with a figure that must be at least aim, next to that of the bare server.
func (t *table) least(name, unit string, got, bare, aim float64) {
	t.rows = append(t.rows, [6]string{name, figure(got, unit), figure(bare, unit), fmt.Sprintf("%.2f", got/bare),
		"≥ " + figure(aim, unit), verdict(got >= aim)})
}

func (t *table) print(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "load\tours\tbare\tratio\taim\t")
	for _, r := range t.rows {
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", r[0], r[1], r[2], r[3], r[4], r[5])
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
		return "ok"
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
