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

// Version is the version of the rules. Raise it with every change of what this package
// writes: HTML that was stored under another version is not shown, but made again.
const Version = 7

// RenderPost returns the content of a post as HTML, to be stored with it. Its headings
// move one level down, below the heading of the page.
func RenderPost(c models.Content) models.Rendered {
	return models.Rendered{HTML: clean(&postRules, markdown(postConverter, string(c))), HTMLVersion: Version}
}

// RenderComment returns the body of a comment as HTML, to be stored with it. It only
// allows paragraphs, lists, quotes, code, emphasis and links.
func RenderComment(b models.CommentBody) models.Rendered {
	return models.Rendered{HTML: clean(&commentRules, markdown(commentConverter, string(b))), HTMLVersion: Version}
}

// Post returns the content of a post as HTML: what was stored with it, if these rules
// made it.
func Post(c models.Content, stored models.Rendered) template.HTML {
	if stored.HTMLVersion != Version {
		stored = RenderPost(c)
	}
	return template.HTML(stored.HTML) //nolint:gosec // the only sanitised source
}

// Comment returns the body of a comment as HTML: what was stored with it, if these
// rules made it.
func Comment(b models.CommentBody, stored models.Rendered) template.HTML {
	if stored.HTMLVersion != Version {
		stored = RenderComment(b)
	}
	return template.HTML(stored.HTML) //nolint:gosec // the only sanitised source
}

// Document returns the Markdown of a file as HTML: as a post, but @name is no user.
func Document(text string) template.HTML {
	return template.HTML(clean(&documentRules, markdown(postConverter, text))) //nolint:gosec // the only sanitised source
}

// Excerpt returns the start of a post's content as one line of plain text, of at most
// models.MaxExcerpt characters. A dot separates blocks that do not end a sentence, such
// as the items of a list.
func Excerpt(c models.Content) string {
	var all strings.Builder
	for line := range strings.SplitSeq(plain(RenderPost(c).HTML), "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			continue
		}
		if before := all.String(); before != "" {
			if !strings.ContainsAny(before[len(before)-1:], ".!?:,;") {
				all.WriteString(" ·")
			}
			all.WriteByte(' ')
		}
		all.WriteString(line)
	}
	words := all.String()
	if utf8.RuneCountInString(words) <= models.MaxExcerpt {
		return words
	}
	cut := string([]rune(words)[:models.MaxExcerpt-1])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space] // at a word boundary, unless the last word is most of it
	}
	return strings.TrimRight(cut, " ,;:·") + "…"
}
