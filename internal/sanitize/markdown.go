package sanitize

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The converters let raw HTML through, because comments can contain it. Their output is
// only safe after clean.
var (
	postConverter = newConverter()
	// A line break in a comment is kept; posts follow standard Markdown.
	commentConverter = newConverter(html.WithHardWraps())
)

func newConverter(options ...renderer.Option) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.Linkify,
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(reshape{}, 1000))),
		goldmark.WithRendererOptions(append(options, html.WithUnsafe())...),
	)
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
// reader to it.
type reshape struct{}

// Transform implements parser.ASTTransformer.
func (reshape) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
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
