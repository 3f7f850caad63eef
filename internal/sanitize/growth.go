package sanitize

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Some parts of Markdown multiply what was typed: each row of a table is filled up with
// cells, and many links can name one long address. 10,000 characters would become megabytes,
// and take seconds and a gigabyte to write. What goes past the bounds here is shown as typed.

// tables is the extension for tables. Those of many missing cells are none.
type tables struct{}

// Extend implements goldmark.Extender.
func (tables) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithParagraphTransformers(
		util.Prioritized(filled{extension.NewTableParagraphTransformer()}, 200)))
	m.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(
		extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), 500)))
}

// maxMissing bounds the missing cells of all tables of a text.
const maxMissing = 1000

// filled is a parser of tables that takes none once too many cells are missing. A cell that is
// there takes two characters at least.
type filled struct{ parser.ParagraphTransformer }

var missingKey = parser.NewContextKey() // an int: the missing cells of the tables so far

// delimiter matches the line below the heads of a table.
var delimiter = regexp.MustCompile(`^[ \t]*[-:|][-:| \t]*\r?\n?$`)

// Transform implements parser.ParagraphTransformer.
func (f filled) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	columns, size := 0, 0
	for _, line := range lines.Sliced(0, lines.Len()) {
		size += line.Len()
		if value := line.Value(reader.Source()); delimiter.Match(value) {
			columns = max(columns, bytes.Count(value, []byte("|"))+1)
		}
	}
	before, _ := pc.Get(missingKey).(int)
	missing := before + max(columns*lines.Len()-size/2, 0)
	if missing > maxMissing {
		return
	}
	pc.Set(missingKey, missing)
	f.ParagraphTransformer.Transform(node, reader, pc)
}

// Links cost their address and what we write around it; all of them together as much as a
// text that is nothing but short addresses.
const (
	linkCost   = 40
	linkFactor = 4
	linkSpare  = 4000
)

// overBudget returns the links of doc that come after the budget for links is used up. It takes
// the titles off all of them: we show none, and many links can name one long title.
func overBudget(doc ast.Node, source []byte) (over []ast.Node) {
	budget := linkFactor*len(source) + linkSpare
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		cost := 0
		switch n := n.(type) {
		case *ast.Link:
			n.Title = nil
			cost = len(n.Destination) + linkCost
		case *ast.Image:
			n.Title = nil
			cost = len(n.Destination) + linkCost
		case *ast.AutoLink:
			cost = len(n.URL(source)) + linkCost
		}
		if budget -= cost; cost > 0 && budget < 0 {
			over = append(over, n)
		}
		return ast.WalkContinue, nil
	})
	return over
}

// unlink puts the text of a link or an image in its place.
func unlink(n ast.Node, source []byte) {
	parent := n.Parent()
	if auto, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(auto.Label(source))
		label.SetRaw(true) // it is escaped all the same, but no Markdown
		parent.ReplaceChild(parent, n, label)
		return
	}
	for child := n.FirstChild(); child != nil; child = n.FirstChild() {
		parent.InsertBefore(parent, n, child)
	}
	parent.RemoveChild(parent, n)
}

// linkParsers returns the inline parsers of Markdown, with links that look only as far for
// the end of an address as one can be long. Each of many would look through the whole text.
func linkParsers() []util.PrioritizedValue {
	all := parser.DefaultInlineParsers()
	for i, one := range all {
		if one.Value == parser.NewLinkParser() {
			links := parser.NewLinkParser()
			all[i].Value = nearEnd{links, links.(parser.CloseBlocker)} //nolint:forcetypeassert // it has to be one
		}
	}
	return all
}

type nearEnd struct {
	parser.InlineParser
	parser.CloseBlocker
}

// Parse implements parser.InlineParser.
func (p nearEnd) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if rest, ok := bytes.CutPrefix(line, []byte("](")); ok && len(rest) > maxHref && !endsNear(rest[:maxHref]) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// endsNear reports whether an address that is as long as rest, or shorter, begins there.
func endsNear(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t")
	if bytes.HasPrefix(rest, []byte("<")) {
		return bytes.IndexByte(rest, '>') > 0
	}
	open := 0
	for i, c := range rest {
		switch {
		case i > 0 && rest[i-1] == '\\': // of no account
		case c == '(':
			open++
		case c == ')' && open == 0, c == ' ', c == '\t':
			return true
		case c == ')':
			open--
		}
	}
	return false
}
