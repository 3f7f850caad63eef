package preview

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"

	"example.org/cloakroom/internal/models"
)

// maxHighlight is how long a page waits for the colours of a text. Some texts keep a regular
// expression busy for long; they are shown without colours.
const maxHighlight = time.Second

// highlighted returns the preview of a text, in colours if its name is that of a language, it
// is short enough, and no other text is being coloured. Colouring can go on after it has
// returned, to the next token: then no other text gets colours until that has ended.
func (m *Maker) highlighted(ctx context.Context, text string, name models.Filename) Preview {
	lines, cut := splitLines(text)
	p := Preview{Kind: Text, Cut: cut, Lines: plainLines(lines)}
	lexer := lexerOf(name)
	long := func(line string) bool { return len(line) > MaxLine } // some expressions take long for it
	if lexer == nil || len(text) > MaxColoured || slices.ContainsFunc(lines, long) {
		return p
	}
	select {
	case m.colouring <- struct{}{}:
	default:
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, m.bounds.highlight)
	defer cancel()
	done := make(chan []Line, 1)
	go func() {
		defer func() { <-m.colouring }()
		done <- colour(ctx, lexer, strings.Join(lines, "\n"))
	}()
	select {
	case coloured := <-done:
		if len(coloured) == len(p.Lines) {
			p.Lines = coloured
		}
	case <-ctx.Done():
	}
	return p
}

// lexerOf returns the lexer of the language of that name, or nil.
func lexerOf(name models.Filename) chroma.Lexer { return languages().Match(string(name)) }

func plainLines(lines []string) []Line {
	plain := make([]Line, len(lines))
	for i, line := range lines {
		plain[i] = Line{Number: i + 1, Spans: []Span{{Text: line}}}
	}
	return plain
}

// colour returns the lines of text in colours, or nil if it cannot: when ctx ends, and for what
// the lexer fails at.
func colour(ctx context.Context, lexer chroma.Lexer, text string) (lines []Line) {
	defer func() {
		if recover() != nil { // a lexer that fails must not take the site along
			lines = nil
		}
	}()
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		return nil
	}
	c := colouring{at: Line{Number: 1, Spans: nil}}
	for token := next(); token != chroma.EOF; token = next() {
		if ctx.Err() != nil {
			return nil
		}
		c.add(classOf(token.Type), token.Value)
	}
	c.endLine()
	if last := len(c.lines) - 1; strings.HasSuffix(c.seen, "\n") && !strings.HasSuffix(text, "\n") {
		return c.lines[:last] // lexers end a text with a line feed
	}
	return c.lines
}

// A colouring makes lines of tokens. Neighbours of one class become one span.
type colouring struct {
	lines []Line
	at    Line
	class string          // of the span that goes on
	span  strings.Builder // its text
	seen  string          // the last token
}

func (c *colouring) add(class, text string) {
	for i, part := range strings.Split(text, "\n") {
		if i > 0 {
			c.endLine()
		}
		if part == "" {
			continue
		}
		if class != c.class {
			c.endSpan()
			c.class = class
		}
		c.span.WriteString(part)
	}
	c.seen = text
}

func (c *colouring) endSpan() {
	if c.span.Len() > 0 {
		c.at.Spans = append(c.at.Spans, Span{c.class, c.span.String()})
		c.span.Reset()
	}
}

func (c *colouring) endLine() {
	c.endSpan()
	c.lines = append(c.lines, c.at)
	c.at = Line{Number: c.at.Number + 1, Spans: nil}
}

// classOf returns the CSS class of a token, which web/styles/preview.css gives a colour.
func classOf(t chroma.TokenType) string {
	switch {
	case t == chroma.CommentPreproc || t == chroma.CommentPreprocFile:
		return "tok-keyword"
	case t.InCategory(chroma.Comment):
		return "tok-comment"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return "tok-keyword"
	case t.InSubCategory(chroma.LiteralString):
		return "tok-string"
	case t.InSubCategory(chroma.LiteralNumber):
		return "tok-number"
	case t == chroma.NameTag, t == chroma.NameFunction, t == chroma.NameClass, t == chroma.NameDecorator, t == chroma.NameAttribute:
		return "tok-name"
	case t == chroma.GenericDeleted:
		return "tok-deleted"
	case t == chroma.GenericInserted:
		return "tok-inserted"
	case t == chroma.GenericHeading, t == chroma.GenericSubheading, t == chroma.GenericStrong:
		return "tok-heading"
	}
	return ""
}
