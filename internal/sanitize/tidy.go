package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// An element says where in a document an element of HTML may stand.
type element struct {
	void    bool   // has no content and no end tag
	inline  bool   // stands among words
	parents string // the only elements it may stand in; empty: by kind
	holds   holds
}

// holds says what an element may contain.
type holds int

const (
	words  holds = iota // text and inline elements
	blocks              // everything
	parts               // only the elements that name it as a parent
)

// content is HTML's content model for the elements we allow.
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

// maxDepth is how deep elements may be nested. Deeper ones lose their tags:
// nobody reads such a text, and browsers flatten it at a depth of their own.
const maxDepth = 50

// clean returns those parts of the HTML s that the rules allow, well-formed.
// It changes nothing in its own output. Its result holds no element or
// attribute, and no scheme of a link, that is not on the list of r.
func clean(r *rules, s string) string {
	t := tidier{elements: r.elements}
	s = strings.ReplaceAll(s, "\x00", "")
	z := html.NewTokenizer(strings.NewReader(r.policy.Sanitize(s)))
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
	return t.out.String()
}

// A tidier writes elements so that each stands where the content model lets
// it, and every one is closed.
type tidier struct {
	elements map[string]element
	out      strings.Builder
	open     []string // names of the open elements, outermost first
}

func (t *tidier) text(s string) {
	if strings.Trim(s, " \t\r\n\f") != "" {
		t.makeRoom(element{inline: true}, "")
	}
	t.out.WriteString(html.EscapeString(s))
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
			return // the end of an inline element never reaches out of its block
		}
	}
}

// closeTo closes elements until depth are open.
func (t *tidier) closeTo(depth int) {
	for ; len(t.open) > depth; t.open = t.open[:len(t.open)-1] {
		t.out.WriteString("</" + t.open[len(t.open)-1] + ">")
	}
}

// makeRoom closes what cannot contain e, up to the innermost element that can,
// and reports whether there is one. Text is an inline element without a name.
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
		return false // such as an li outside of any list
	}
	t.closeTo(depth)
	return true
}

// contains reports whether the open element may directly contain e.
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

// attributes returns the attributes of token as they are written, and whether
// the element may stand with them. Only these exist: a's href with our rel,
// ol's start and a cell's align.
func attributes(token html.Token) (string, bool) {
	for _, a := range token.Attr {
		switch token.Data + " " + a.Key {
		case "a href":
			to, ok := href(a.Val)
			return ` href="` + html.EscapeString(to) + `" rel="` + rel + `"`, ok
		case "ol start", "th align", "td align": // their values were matched by the policy
			return " " + a.Key + `="` + html.EscapeString(a.Val) + `"`, true
		}
	}
	return "", token.Data != "a"
}

// plain returns the words of HTML that clean returned, with spaces for tags of
// blocks.
func plain(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.TextToken {
			b.WriteString(token.Data)
		} else if e := content[token.Data]; !e.inline || e.void {
			b.WriteByte(' ')
		}
	}
	return b.String()
}
