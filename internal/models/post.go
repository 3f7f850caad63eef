package models

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.org/cloakroom/internal/problem"
)

// Limits of posts and comments, in characters unless stated otherwise.
const (
	MaxTitle       = 200
	MaxContent     = 10_000
	MaxTags        = 10 // tags per post
	MaxTag         = 50
	MaxCommentBody = 5_000
	MaxPostFiles   = 100 // files per post, in every tier
	MaxExcerpt     = 280
)

// A Visibility says who can open a post.
type Visibility string

// The visibilities.
const (
	Public   Visibility = "public"   // anyone; listed in the feed and in search
	Unlisted Visibility = "unlisted" // anyone with the link
	Private  Visibility = "private"  // the author only
)

// Validated values of a post.
type (
	Title       string
	Content     string // Markdown source
	CommentBody string // Markdown or HTML source
	Tag         string // lower case, without the leading #
)

// Rendered is a text as sanitised HTML, which is stored beside the text so that readers
// do not wait for it. Only package sanitize makes and shows it.
type Rendered struct {
	HTML        string
	HTMLVersion int // of the rules; zero: not rendered
}

// A Post is a text that a user publishes, with attached files.
type Post struct {
	ID           PostID `gorm:"primaryKey"`
	AuthorID     UserID
	Title        Title
	Content      Content
	Rendered            // the content
	Excerpt      string // start of the content, as plain text
	Visibility   Visibility
	CommentCount int
	CreatedAt    time.Time
	UpdatedAt    time.Time
	DeletedAt    *time.Time // set: deleted by its author; purged after seven days
	HiddenAt     *time.Time // set: hidden by a moderator; only its author can see it
	RemovedAt    *time.Time // set: removed by a moderator; its author cannot restore it
}

// A Comment is a user's reply to a post.
type Comment struct {
	ID       CommentID `gorm:"primaryKey"`
	PostID   PostID
	AuthorID UserID
	Body     CommentBody
	Rendered
	CreatedAt time.Time
	HiddenAt  *time.Time // set: hidden by a moderator; only its author can see it
	RemovedAt *time.Time // set: removed by a moderator; purged after seven days
}

// ParseTitle returns s as a Title, or an Invalid problem at the field "title".
func ParseTitle(s string) (Title, error) {
	s = normalizeLine(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.OnField("title", "Enter a title.")
	case n > MaxTitle:
		return "", problem.OnField("title", "Use at most %d characters for the title; it has %d.", MaxTitle, n)
	case !isLine(s):
		return "", problem.OnField("title", "Enter the title on one line, without control characters.")
	}
	return Title(s), nil
}

// TitleOf returns the title of a post that has files and no title of its own: the name
// of the first file, and how many more there are.
func TitleOf(files []Filename) Title {
	more := ""
	if n := len(files) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	name := []rune(string(files[0]))
	return Title(string(name[:min(len(name), MaxTitle-len(more))]) + more)
}

// ParseContent returns s as the Content of a post, or an Invalid problem at the
// field "content".
func ParseContent(s string) (Content, error) {
	s, err := parseBody("content", "post", s, MaxContent)
	return Content(s), err
}

// ParseCommentBody returns s as a CommentBody, or an Invalid problem at the field
// "body".
func ParseCommentBody(s string) (CommentBody, error) {
	s, err := parseBody("body", "comment", s, MaxCommentBody)
	return CommentBody(s), err
}

func parseBody(field, noun, s string, limit int) (string, error) {
	s = normalizeText(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.OnField(field, "Enter some text.")
	case n > limit:
		return "", problem.OnField(field, "Use at most %d characters for the %s; it has %d.", limit, noun, n)
	case !utf8.ValidString(s):
		return "", problem.OnField(field, "Enter the %s as UTF-8 text.", noun)
	}
	if r, at := controlIn(s); at > 0 {
		return "", problem.OnField(field, "Remove the invisible character %U: it is character %d of the %s.", r, at, noun)
	}
	return s, nil
}

// ParseTags returns the tags in s, which are separated by commas or spaces, in
// order and without duplicates, or an Invalid problem at the field "tags".
func ParseTags(s string) ([]Tag, error) {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	tags := []Tag{}
	for _, word := range words {
		tag, err := ParseTag(strings.TrimRight(word, ".")) // as at the end of a sentence
		if err != nil {
			return nil, err
		}
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
		if len(tags) > MaxTags {
			return nil, problem.OnField("tags", "Use at most %d tags.", MaxTags)
		}
	}
	return tags, nil
}

// tagSigns are the characters of tags besides letters, digits and marks, as in c++, c#, .net
// and r&d. Tag.Path escapes them.
const tagSigns = "-_+#.&"

// ParseTag returns s, in lower case, in Unicode's composed form (NFC) and without # at its
// beginning, as a Tag, or an Invalid problem at the field "tags". A tag has a letter or a
// digit, so that .. is refused.
func ParseTag(s string) (Tag, error) {
	tag, err := ParseTagStart(s)
	if err == nil && !strings.ContainsFunc(string(tag), isWord) {
		err = problem.OnField("tags", "Use a letter or a digit in each tag.")
	}
	if err != nil {
		return "", err
	}
	return tag, nil
}

// ParseTagStart is ParseTag for the start of a tag, which can be signs alone.
func ParseTagStart(s string) (Tag, error) {
	s = norm.NFC.String(strings.ToLower(strings.TrimLeft(strings.TrimSpace(s), "#")))
	if n := utf8.RuneCountInString(s); n == 0 || n > MaxTag {
		return "", problem.OnField("tags", "Use 1 to %d characters per tag.", MaxTag)
	}
	for _, r := range s {
		if !isWord(r) && !unicode.IsMark(r) && !strings.ContainsRune(tagSigns, r) {
			return "", problem.OnField("tags", "Use only letters, digits and the signs - _ + # . & in tags.")
		}
	}
	return Tag(s), nil
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Path returns the path of the page of the tag.
func (t Tag) Path() string { return "/tags/" + url.PathEscape(string(t)) }

// ParseVisibility returns s as a Visibility, or an Invalid problem at the field
// "visibility".
func ParseVisibility(s string) (Visibility, error) {
	switch v := Visibility(s); v {
	case Public, Unlisted, Private:
		return v, nil
	}
	return "", problem.OnField("visibility", "Choose who can see the post: public, unlisted or private.")
}
