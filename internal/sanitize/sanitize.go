// Package sanitize makes HTML from a visitor's words. It is the only package
// that knows goldmark and bluemonday, and the only one that says of a string
// that it is template.HTML.
//
// Words become HTML in three steps: goldmark turns Markdown into HTML and lets
// HTML through, bluemonday drops what is not on the list, and tidy writes the
// rest anew as well-formed HTML that a browser reads the way we wrote it.
// The last two are clean, which changes nothing in its own output.
package sanitize

import (
	"html/template"
	"strings"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// Post returns the content of a post as HTML, its headings one level down so
// that they stand below the page's own.
func Post(c models.Content) template.HTML {
	return template.HTML(clean(&postRules, markdown(postConverter, string(c)))) //nolint:gosec // this is the place
}

// Comment returns the body of a comment as HTML: paragraphs, lists, quotes,
// code, emphasis and links, nothing else.
func Comment(b models.CommentBody) template.HTML {
	return template.HTML(clean(&commentRules, markdown(commentConverter, string(b)))) //nolint:gosec // this is the place
}

// Excerpt returns the first words of the content of a post as one line of
// plain text, of at most models.MaxExcerpt characters.
func Excerpt(c models.Content) string {
	words := strings.Join(strings.Fields(plain(clean(&postRules, markdown(postConverter, string(c))))), " ")
	if utf8.RuneCountInString(words) <= models.MaxExcerpt {
		return words
	}
	cut := string([]rune(words)[:models.MaxExcerpt-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space] // at a word, unless that word is most of it
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}
