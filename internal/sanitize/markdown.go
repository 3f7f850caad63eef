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

// The converters let raw HTML through: comments may be written in it. What
// they make is not safe until it has been through clean.
var (
	postConverter = newConverter()
	// In a comment a line break is meant as one; a post is Markdown proper.
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

// markdown returns the HTML of the Markdown s, not yet safe.
func markdown(converter goldmark.Markdown, s string) string {
	var b strings.Builder
	if err := converter.Convert([]byte(s), &b); err != nil {
		panic("sanitize: a strings.Builder failed: " + err.Error()) // it cannot
	}
	return b.String()
}

// reshape makes of a document what fits into a page of ours: headings one
// level down, and links for pictures, because a picture from elsewhere would
// tell its server who reads the post.
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

// replace puts a link with the picture's words in its place, or within a link
// the words alone.
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
