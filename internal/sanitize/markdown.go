package sanitize

import (
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The converters let raw HTML through, because comments can contain it. Their output is
// only safe after clean.
var (
	postConverter = newConverter(blockParsers(true), tables{}, extension.Strikethrough)
	// Comments have no rulers, tables and deletions: their signs are shown as typed. A
	// line break in a comment is kept; posts follow standard Markdown.
	commentConverter = newConverter(blockParsers(false), hardWraps{})
)

// hardWraps is the extension that keeps line breaks.
type hardWraps struct{}

// Extend implements goldmark.Extender.
func (hardWraps) Extend(m goldmark.Markdown) { m.Renderer().AddOptions(html.WithHardWraps()) }

// tasks is the extension for task lists ("- [x] done"). Their boxes are signs, which nobody can
// click, so that no form element has to be allowed.
type tasks struct{}

// Extend implements goldmark.Extender.
func (tasks) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(extension.NewTaskCheckBoxParser(), 0)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(boxes{}, 500)))
}

type boxes struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (boxes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(extast.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		box := "☐ "
		if task, ok := n.(*extast.TaskCheckBox); ok && task.IsChecked {
			box = "☑ "
		}
		if entering {
			_, _ = w.WriteString(box)
		}
		return ast.WalkContinue, nil
	})
}

func newConverter(blocks []util.PrioritizedValue, extensions ...goldmark.Extender) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blocks...),
			parser.WithInlineParsers(linkParsers()...),
			parser.WithParagraphTransformers(util.Prioritized(definitions{parser.LinkReferenceParagraphTransformer}, 100)),
		)),
		goldmark.WithExtensions(append(extensions, bareLinks(), tasks{})...),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(reshape{}, 1000))),
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
}

// maxNesting is how deep quotes and lists nest; what is deeper is shown as typed. The
// parser looks at every open block for every line, so a page of nothing but nested lists
// would take seconds.
const maxNesting = 20

// blockParsers returns the block parsers of Markdown, with quotes and lists that nest no
// deeper than maxNesting, and without rulers in comments.
func blockParsers(rulers bool) []util.PrioritizedValue {
	all := parser.DefaultBlockParsers()
	for i, one := range all {
		switch one.Value {
		case parser.NewBlockquoteParser(), parser.NewListParser(), parser.NewListItemParser():
			all[i].Value = shallow{one.Value.(parser.BlockParser)} //nolint:forcetypeassert // the functions above return it
		}
	}
	return slices.DeleteFunc(all, func(one util.PrioritizedValue) bool {
		return !rulers && one.Value == parser.NewThematicBreakParser()
	})
}

// shallow is a parser of quotes or lists that opens none below maxNesting.
type shallow struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if kind := n.Kind(); kind == ast.KindBlockquote || kind == ast.KindListItem {
			depth++
		}
	}
	if depth >= maxNesting {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// definitions takes link definitions ("[label]: https://example.org") out of a paragraph,
// but only if each leads to an address that links can have. Others are what people wrote:
// a line of a log ("[INFO]: started"), or a footnote ("[^1]: see above"), which we show
// as typed.
type definitions struct{ parser.ParagraphTransformer }

// definition matches a line that Markdown takes for a link definition.
var definition = regexp.MustCompile(`^ {0,3}\[((?:[^\[\]\\]|\\.)+)\]:[ \t]*(\S*)`)

// Transform implements parser.ParagraphTransformer.
func (d definitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	for _, line := range node.Lines().Sliced(0, node.Lines().Len()) {
		found := definition.FindSubmatch(line.Value(reader.Source()))
		if found == nil {
			continue
		}
		if _, ok := href(strings.Trim(string(found[2]), "<>")); !ok || found[1][0] == '^' {
			return
		}
	}
	d.ParagraphTransformer.Transform(node, reader, pc)
}

// markdown converts Markdown to HTML that is not safe yet.
func markdown(converter goldmark.Markdown, s string) string {
	var b strings.Builder
	if err := converter.Convert([]byte(s), &b); err != nil {
		panic("sanitize: a strings.Builder failed: " + err.Error()) // never happens
	}
	return b.String()
}

// reshape adapts a document to our pages. It moves headings one level down, and turns
// images into links, because loading an image from another server would reveal the
// reader to it. Links over budget become text.
type reshape struct{}

// Transform implements parser.ASTTransformer.
func (reshape) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	for _, link := range overBudget(doc, reader.Source()) {
		unlink(link, reader.Source())
	}
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+1, 6)
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	for _, picture := range pictures {
		replace(picture)
	}
}

// replace puts a link with the image's text in its place, or only the text if the image
// is within a link.
func replace(picture *ast.Image) {
	parent := picture.Parent()
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindLink {
			for child := picture.FirstChild(); child != nil; child = picture.FirstChild() {
				parent.InsertBefore(parent, picture, child)
			}
			parent.RemoveChild(parent, picture)
			return
		}
	}
	link := ast.NewLink()
	link.Destination = picture.Destination
	for child := picture.FirstChild(); child != nil; child = picture.FirstChild() {
		link.AppendChild(link, child)
	}
	parent.ReplaceChild(parent, picture, link)
}
