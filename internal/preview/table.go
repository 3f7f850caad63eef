package preview

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// table returns the preview of a text whose values are separated by commas, semicolons or tabs.
func table(text string, name models.Filename, cut string) Preview {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma(text, name), -1, true, true
	p := Preview{Kind: Table, Cut: cut, Formatted: true}
	for {
		row, err := r.Read()
		if err != nil { // the end, or what cannot be read, which the source shows
			break
		}
		if len(p.Rows) == MaxRows {
			p.Cut = "This is the beginning: the first " + problem.Number(MaxRows).String() + " rows."
			break
		}
		p.Rows = append(p.Rows, cells(row))
	}
	if len(p.Rows) == 0 {
		lines, _ := splitLines(text)
		return Preview{Kind: Text, Cut: cut, Lines: plainLines(lines), Formatted: true}
	}
	return p
}

// number matches what a column of numbers is made of, such as 1,024, -3.5 and 12 %.
var number = regexp.MustCompile(`^[+\-−]?[0-9][0-9.,' \x{a0}\x{202f}]*%?$`)

// IsNumber reports whether a cell is a number.
func IsNumber(cell string) bool { return number.MatchString(strings.TrimSpace(cell)) }

// HasHead reports whether the first row of a table looks like the names of its columns: it has no number.
func (p Preview) HasHead() bool { return len(p.Rows) > 1 && !slices.ContainsFunc(p.Rows[0], IsNumber) }

// comma returns the sign between the values: a tab in a .tsv, and otherwise that of comma,
// semicolon and tab which the first line has most often.
func comma(text string, name models.Filename) rune {
	if name.Extension() == ".tsv" {
		return '\t'
	}
	first, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, sign := range ";\t" {
		if strings.Count(first, string(sign)) > strings.Count(first, string(best)) {
			best = sign
		}
	}
	return best
}

// cells returns a copy of a row within the bounds. What is left out is an ellipsis.
func cells(row []string) []string {
	short := make([]string, 0, min(len(row), MaxColumns+1))
	for i, cell := range row {
		if i == MaxColumns {
			return append(short, "…")
		}
		short = append(short, shortened(cell, MaxCell))
	}
	return short
}

// shortened returns a copy of text with at most n characters. What is left out is an ellipsis.
func shortened(text string, n int) string {
	for i := range text {
		if n == 0 {
			return strings.Clone(text[:i]) + "…"
		}
		n--
	}
	return strings.Clone(text)
}
