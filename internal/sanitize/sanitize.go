// Package sanitize turns text written by users into HTML. It is the only package that
// knows goldmark and bluemonday, and the only one that creates template.HTML.
//
// There are three steps. goldmark turns Markdown into HTML and lets raw HTML through,
// bluemonday removes what is not allowed, and tidier writes the rest as well-formed
// HTML, which browsers parse as intended. The last two steps are clean, which is
// idempotent.
package sanitize

import (
	"html/template"
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// Post returns the content of a post as HTML. Its headings move one level down, below
// the heading of the page.
func Post(c models.Content) template.HTML {
	return template.HTML(clean(&postRules, markdown(postConverter, string(c)))) //nolint:gosec // the only sanitised source
}

// Comment returns the body of a comment as HTML. It only allows paragraphs, lists,
// quotes, code, emphasis and links.
func Comment(b models.CommentBody) template.HTML {
	return template.HTML(clean(&commentRules, markdown(commentConverter, string(b)))) //nolint:gosec // the only sanitised source
}

// Excerpt returns the start of a post's content as one line of plain text, of at most
// models.MaxExcerpt characters.
func Excerpt(c models.Content) string {
	words := strings.Join(strings.Fields(plain(clean(&postRules, markdown(postConverter, string(c))))), " ")
	if utf8.RuneCountInString(words) <= models.MaxExcerpt {
		return words
	}
	cut := string([]rune(words)[:models.MaxExcerpt-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space] // at a word boundary, unless the last word is most of it
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}
