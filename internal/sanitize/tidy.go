package sanitize

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"example.org/cloakroom/internal/models"
)

// An element says where an HTML element can occur in a document.
type element struct {
	void    bool   // has neither content nor end tag
	inline  bool   // phrasing content: can occur within text
	parents string // the only permitted parents; empty: decided by kind
	holds   holds
}

// holds says what an element can contain.
type holds int

const (
	words  holds = iota // text and inline elements
	blocks              // everything
	parts               // only elements that name it as a parent
)

// content is HTML's content model for the allowed elements.
var content = map[string]element{
	"a": {inline: true}, "strong": {inline: true}, "em": {inline: true}, "code": {inline: true},
	"del": {inline: true}, "sub": {inline: true}, "sup": {inline: true}, "kbd": {inline: true},
	"br": {inline: true, void: true}, "hr": {void: true},
	"p": {}, "pre": {}, "h2": {}, "h3": {}, "h4": {}, "h5": {}, "h6": {},
	"blockquote": {holds: blocks},
	"ul":         {holds: parts}, "ol": {holds: parts},
	"li":    {parents: "ul ol", holds: blocks},
	"table": {holds: parts},
	"thead": {parents: "table", holds: parts}, "tbody": {parents: "table", holds: parts},
	"tr": {parents: "table thead tbody", holds: parts},
	"th": {parents: "tr", holds: blocks}, "td": {parents: "tr", holds: blocks},
}

// maxDepth is the maximum nesting of elements. Deeper elements lose their tags: no
// real text needs them, and browsers flatten them at a depth of their own.
const maxDepth = 50

// clean returns the allowed parts of the HTML s, well-formed. It is idempotent. The
// result contains only the elements, attributes and link schemes on the list of r.
func clean(r *rules, s string) string {
	t := tidier{elements: r.elements, mentions: r.mentions}
	s = strings.ReplaceAll(s, "\x00", "")
	z := html.NewTokenizer(strings.NewReader(r.policy.Sanitize(r.asTyped(s))))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if name, ok := r.synonyms[token.Data]; ok && token.Type != html.TextToken {
			token.Data = name
		}
		switch token.Type {
		case html.TextToken:
			t.text(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			t.start(token)
		case html.EndTagToken:
			t.end(token.Data)
		}
	}
	t.closeTo(0)
	t.writeText()
	return t.out.String()
}

// asTyped returns the HTML s with every tag that is not allowed as text, so that readers
// see what was written: List<String>, or ssh user@<host>. Comments are left out.
func (r *rules) asTyped(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	read := 0
	for {
		kind := z.Next()
		raw := z.Raw()
		read += len(raw)
		switch kind {
		case html.ErrorToken:
			b.WriteString(html.EscapeString(s[read-len(raw):])) // a tag that does not end
			return b.String()
		case html.CommentToken, html.DoctypeToken:
		case html.TextToken:
			b.Write(raw)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			typed := string(raw) // before TagName, which changes the bytes
			if name, _ := z.TagName(); r.allowed[string(name)] {
				b.WriteString(typed)
			} else {
				z.NextIsNotRawText()
				b.WriteString(html.EscapeString(typed))
			}
		}
	}
}

// A tidier writes elements so that each occurs where the content model allows it and
// is closed.
type tidier struct {
	elements map[string]element
	out      strings.Builder
	open     []string        // names of the open elements, outermost first
	words    strings.Builder // the text since the last tag, which is not written yet
	mentions bool            // link mentions of users
	linked   int             // mentions so far
}

func (t *tidier) text(s string) {
	if strings.Trim(s, " \t\r\n\f") != "" {
		t.makeRoom(element{inline: true}, "")
	}
	t.words.WriteString(s)
}

// maxMentions is how many mentions of users in a text become links: each is ten times as long.
const maxMentions = 100

// writeText writes the text since the last tag. Mentions of users become links to their pages,
// whether there is such a user or not, but not in links and code. They are the only links
// without a host: clean takes those that were typed, and its own, for text.
func (t *tidier) writeText() {
	words, read := t.words.String(), 0
	t.words.Reset()
	for _, m := range t.mentionsIn(words) {
		t.out.WriteString(html.EscapeString(words[read:m.Start]))
		t.out.WriteString(`<a href="/users/` + string(m.Name) + `" rel="` + rel + `">` + words[m.Start:m.End] + `</a>`)
		read = m.End
	}
	t.out.WriteString(html.EscapeString(words[read:]))
}

// mentionsIn returns the mentions in words that become links here.
func (t *tidier) mentionsIn(words string) []models.Mention {
	inside := func(name string) bool { return name == "a" || name == "code" || name == "pre" || name == "kbd" }
	if !t.mentions || slices.ContainsFunc(t.open, inside) {
		return nil
	}
	found := models.Mentions(words)
	found = found[:min(len(found), maxMentions-t.linked)]
	t.linked += len(found)
	return found
}

func (t *tidier) start(token html.Token) {
	name := token.Data
	e, ok := t.elements[name]
	if !ok || len(t.open) >= maxDepth {
		return
	}
	attr, ok := attributes(token)
	if !ok || !t.makeRoom(e, name) {
		return
	}
	t.writeText()
	t.out.WriteString("<" + name + attr + ">")
	if !e.void {
		t.open = append(t.open, name)
	}
}

func (t *tidier) end(name string) {
	for i := len(t.open) - 1; i >= 0; i-- {
		if t.open[i] == name {
			t.closeTo(i)
			return
		}
		if !t.elements[t.open[i]].inline && t.elements[name].inline {
			return // the end of an inline element does not reach out of its block
		}
	}
}

// closeTo closes elements until depth of them are open.
func (t *tidier) closeTo(depth int) {
	if len(t.open) > depth {
		t.writeText()
	}
	for ; len(t.open) > depth; t.open = t.open[:len(t.open)-1] {
		t.out.WriteString("</" + t.open[len(t.open)-1] + ">")
	}
}

// makeRoom closes the open elements that cannot contain e, up to the innermost that
// can, and reports whether there is one. Text is an inline element without a name.
func (t *tidier) makeRoom(e element, name string) bool {
	depth := len(t.open)
	if name == "a" { // links do not nest
		for i, open := range t.open {
			if open == "a" {
				depth = i
				break
			}
		}
	}
	for ; depth > 0; depth-- {
		if t.contains(t.open[depth-1], e) {
			break
		}
	}
	if depth == 0 && e.parents != "" {
		return false // for example an li outside a list
	}
	t.closeTo(depth)
	return true
}

// contains reports whether the open element can directly contain e.
func (t *tidier) contains(open string, e element) bool {
	if e.parents != "" {
		for parent := range strings.FieldsSeq(e.parents) {
			if parent == open {
				return true
			}
		}
		return false
	}
	switch t.elements[open].holds {
	case blocks:
		return true
	case words:
		return e.inline
	}
	return false
}

// attributes returns the attributes of token as written to the output, and whether the
// element can remain. Only these exist: href of a, with our rel; start of ol; align of
// a cell; and what lets the keyboard reach a code block, to scroll it.
func attributes(token html.Token) (string, bool) {
	for _, a := range token.Attr {
		switch token.Data + " " + a.Key {
		case "a href":
			to, ok := href(a.Val)
			return ` href="` + html.EscapeString(to) + `" rel="` + rel + `"`, ok
		case "ol start", "th align", "td align": // the policy has matched their values
			return " " + a.Key + `="` + html.EscapeString(a.Val) + `"`, true
		}
	}
	if token.Data == "pre" {
		return ` tabindex="0" role="group" aria-label="Code"`, true
	}
	return "", token.Data != "a"
}

// plain returns the text of HTML that clean has returned: one line for each block, and
// for each line of code.
func plain(s string) string {
	var b strings.Builder
	code := false
	z := html.NewTokenizer(strings.NewReader(s))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		switch e := content[token.Data]; {
		case token.Type == html.TextToken && code:
			b.WriteString(token.Data)
		case token.Type == html.TextToken:
			b.WriteString(strings.ReplaceAll(token.Data, "\n", " "))
		case !e.inline || e.void:
			b.WriteByte('\n')
			code = token.Data == "pre" && token.Type == html.StartTagToken
		}
	}
	return b.String()
}
