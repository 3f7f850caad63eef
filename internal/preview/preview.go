// Package preview shows what is in a file without giving the file: text, code, Markdown,
// tables, the text of documents and the names in an archive. It alone knows the bounds of a preview.
//
// A preview is data for a template, which escapes it. Only Markdown becomes HTML, in package
// sanitize. Nothing of a file is run, extracted or stored.
package preview

import (
	"context"
	"html/template"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// The bounds of a preview.
const (
	MaxText     = 512 << 10 // bytes that are read of a text
	MaxMarkdown = 64 << 10  // bytes of text that are shown as Markdown: many signs of emphasis take time by their square
	MaxLines    = 10_000    // of text
	MaxColoured = 64 << 10  // bytes of a text in colours; a longer one has none
	MaxLine     = 4 << 10   // bytes of a line in colours; a text with a longer one has none
	MaxRows     = 1000      // of a table
	MaxColumns  = 50        // of a table
	MaxCell     = 500       // characters of a cell
)

// A Kind selects how a preview is displayed.
type Kind string

// The kinds.
const (
	Card     Kind = "card" // name, type and size alone
	Text     Kind = "text" // text and code
	Markdown Kind = "markdown"
	Table    Kind = "table"
	Archive  Kind = "archive"
	Document Kind = "document" // its text, without its looks
)

// A Preview is what a page shows of a file. Only the fields of its Kind are set.
type Preview struct {
	Kind       Kind
	Cut        string        // says what is left out; empty: nothing
	Why        string        // of a Card: why there is no preview; empty: not known
	Lines      []Line        // of Text
	HTML       template.HTML // of Markdown, from package sanitize
	Rows       [][]string    // of Table
	*Listing                 // of Archive
	About      string        // of Document, and of a Card of one: what it is, and how long
	Paragraphs []Paragraph   // of Document
	// Formatted: the text can also be shown as Markdown or as a table.
	Formatted bool
}

// A Line is a line of text with its number, which begins at 1.
type Line struct {
	Number int
	Spans  []Span
}

// A Span is a piece of a line. Class is the CSS class of its colour, or empty.
type Span struct{ Class, Text string }

// A Paragraph is one of a document. The number of a slide is a heading.
type Paragraph struct {
	Heading bool
	Text    string
}

// A Source is the content of a file that the caller has found readable for the visitor.
type Source struct {
	Name    models.Filename
	Kind    models.FileKind
	Type    string // media type
	Content io.ReadSeeker
	Size    int64
}

// A Maker makes previews, a few at the same time.
type Maker struct {
	slots     chan struct{}
	wait      time.Duration
	bounds    bounds
	colouring chan struct{} // full while a text is being coloured, which can outlast its turn
}

// bounds are the bounds that tests set themselves: those of time, so that a slow machine fails
// no test, and those that take long to reach.
type bounds struct {
	highlight, listing time.Duration
	counted            int   // entries
	unpacked           int64 // bytes of a tar
	xml                int64 // bytes of a document
}

// NewMaker returns a Maker that makes up to parallel previews at the same time. Others wait
// for their turn, up to wait.
func NewMaker(parallel int, wait time.Duration) *Maker {
	return &Maker{
		slots: make(chan struct{}, parallel), wait: wait, colouring: make(chan struct{}, 1),
		bounds: bounds{highlight: maxHighlight, listing: maxListing, counted: MaxCounted, unpacked: MaxUnpacked, xml: MaxUnpackedXML},
	}
}

// Make returns the preview of a file. With source, Markdown and tables are shown as the text
// that they are. It returns an Unavailable problem if there is no turn within the wait, and
// the error of reading the content. A content that is not what its name says is a Card.
func (m *Maker) Make(ctx context.Context, s Source, source bool) (Preview, error) {
	if s.Kind != models.KindText && s.Kind != models.KindArchive && s.Kind != models.KindDocument {
		return Preview{Kind: Card}, nil
	}
	release, err := m.take(ctx)
	if err != nil {
		return Preview{}, err
	}
	defer release()
	switch s.Kind {
	case models.KindArchive:
		return listing(ctx, s.Content, s.Size, m.bounds)
	case models.KindDocument:
		return document(ctx, s, m.bounds)
	}
	text, cut, err := readText(s.Content, s.Size)
	if err != nil {
		return Preview{}, err
	}
	format := formatOf(s.Name)
	if format != Text && !source {
		if format == Table {
			return table(text, s.Name, cut), nil
		}
		return markdown(text, cut), nil
	}
	p := m.highlighted(ctx, text, s.Name)
	p.Formatted = format != Text
	if p.Cut == "" {
		p.Cut = cut
	}
	return p, nil
}

// formatOf returns the kind of preview of a text of that name.
func formatOf(name models.Filename) Kind {
	switch name.Extension() {
	case ".md", ".markdown":
		return Markdown
	case ".csv", ".tsv":
		return Table
	}
	return Text
}

// take waits for a turn and returns the function that gives it back. A turn that is free is
// taken, however short the wait.
func (m *Maker) take(ctx context.Context) (release func(), err error) {
	release = func() { <-m.slots }
	select {
	case m.slots <- struct{}{}:
		return release, nil
	default:
	}
	late := time.NewTimer(m.wait)
	defer late.Stop()
	select {
	case m.slots <- struct{}{}:
		return release, nil
	case <-late.C:
		busy := problem.New(problem.Unavailable, "The server is busy with other previews. Try again in a moment.")
		busy.RetryIn = m.wait
		return nil, busy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// beginning says that only the first bytes of a file are shown.
func beginning(shown int64) string {
	return "This is the beginning: the first " + models.Size(shown).String() + "."
}

// printable returns text with signs in the place of characters that a page cannot show, or
// that change how the text around them is read.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r < ' ':
			return r + '\u2400' // the picture of the control character
		case r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		}
		return r
	}, text)
}
