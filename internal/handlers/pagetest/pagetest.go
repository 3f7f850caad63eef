// Package pagetest checks pages that are rendered from sample data. The packages that
// have pages provide the samples, and all run the same checks.
package pagetest

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"html/template"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"example.org/cloakroom/web"
)

// A Room has the pages of a package, with data to render them. html/template finds a
// field that does not exist only when it executes the template.
type Room struct {
	Funcs  template.FuncMap
	Owns   func(page string) bool // reports whether the page belongs to the room
	Full   map[string]any         // each page with everything on it
	Empty  map[string]any         // each page with as little on it as possible
	Other  map[string]any         // some pages with what excludes something that Full has
	Fields map[string][]string    // by page: the fields that show a problem in Full
}

// Parse returns all pages of the site.
func Parse(t testing.TB, funcs template.FuncMap) *web.Pages {
	t.Helper()
	pages, err := web.Parse(funcs)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// names returns the names of the room's pages.
func (r Room) names(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../../web/templates/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates: %v", len(files), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); r.Owns(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatal("the room has no pages")
	}
	return names
}

// Check renders every page of the room, and checks that it has a frame, nothing
// inline, unchanged assets, labelled fields, references that resolve, and problems at
// their fields.
func Check(t *testing.T, r Room) {
	t.Run("frame", r.frame)
	t.Run("nothing inline", r.nothingInline)
	t.Run("assets", r.assets)
	t.Run("labels", r.labels)
	t.Run("references", r.references)
	t.Run("problems", r.problems)
}

// each renders every sample and calls check with its elements.
func (r Room) each(t *testing.T, check func(t *testing.T, elements []*html.Node)) {
	t.Helper()
	pages := Parse(t, r.Funcs)
	for kind, set := range map[string]map[string]any{"full": r.Full, "empty": r.Empty, "other": r.Other} {
		for _, name := range r.names(t) {
			data, ok := set[name]
			if !ok && kind == "other" {
				continue
			}
			t.Run(name+" "+kind, func(t *testing.T) {
				if !ok {
					t.Fatal("the page has no sample")
				}
				page, err := pages.Render(name, data)
				if err != nil {
					t.Fatal(err)
				}
				root, err := html.Parse(bytes.NewReader(page))
				if err != nil {
					t.Fatal(err)
				}
				var elements []*html.Node
				for node := range root.Descendants() {
					if node.Type == html.ElementNode {
						elements = append(elements, node)
					}
				}
				check(t, elements)
			})
		}
	}
}

// frame checks that a page has a language, a heading, a title and a main element.
func (r Room) frame(t *testing.T) {
	r.each(t, func(t *testing.T, elements []*html.Node) {
		counts := map[atom.Atom]int{}
		for _, e := range elements {
			counts[e.DataAtom]++
			if e.DataAtom == atom.Html && attribute(e, "lang") != "en" {
				t.Error("the page does not say its language")
			}
		}
		for _, one := range []atom.Atom{atom.H1, atom.Title, atom.Main} {
			if counts[one] != 1 {
				t.Errorf("got %d of <%s>, want one", counts[one], one)
			}
		}
	})
}

// nothingInline checks that a page has nothing that its Content-Security-Policy
// forbids.
func (r Room) nothingInline(t *testing.T) {
	r.each(t, func(t *testing.T, elements []*html.Node) {
		for _, e := range elements {
			if e.DataAtom == atom.Style || e.DataAtom == atom.Script && attribute(e, "src") == "" {
				t.Errorf("inline <%s>", e.Data)
			}
			for _, a := range e.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" ||
					strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "data:") {
					t.Errorf("<%s %s=%q>", e.Data, a.Key, a.Val)
				}
			}
		}
	})
}

// assets checks the integrity hash of every script and style sheet.
func (r Room) assets(t *testing.T) {
	assets, err := web.Static()
	if err != nil {
		t.Fatal(err)
	}
	r.each(t, func(t *testing.T, elements []*html.Node) {
		for _, e := range elements {
			address := attribute(e, "src")
			if e.DataAtom == atom.Link && attribute(e, "rel") == "stylesheet" {
				address = attribute(e, "href")
			} else if e.DataAtom != atom.Script {
				continue
			}
			content, err := fs.ReadFile(assets, strings.TrimPrefix(address, web.StaticPrefix))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha512.Sum384(content)
			if got, want := attribute(e, "integrity"), "sha384-"+base64.StdEncoding.EncodeToString(sum[:]); got != want {
				t.Errorf("%s has the hash %q, want %q", address, got, want)
			}
		}
	})
}

// labels checks that controls have labels, images an alternative text and frames a title.
func (r Room) labels(t *testing.T) {
	r.each(t, func(t *testing.T, elements []*html.Node) {
		labels := map[string]bool{}
		for _, e := range elements {
			if e.DataAtom == atom.Label {
				labels[attribute(e, "for")] = true
			}
		}
		for _, e := range elements {
			wantNamed(t, e, labels[attribute(e, "id")])
		}
	})
}

// wantNamed requires that e says what it is, if it is a control, an image or a frame.
func wantNamed(t *testing.T, e *html.Node, labelled bool) {
	t.Helper()
	switch e.DataAtom {
	case atom.Input, atom.Textarea, atom.Select:
		if attribute(e, "type") != "hidden" && !labelled && attribute(e, "aria-label") == "" && !isInside(e, atom.Label) {
			t.Errorf("field %q has no label", attribute(e, "name"))
		}
	case atom.Button:
		if strings.TrimSpace(text(e)) == "" {
			t.Error("a button says nothing")
		}
	case atom.Img:
		if !slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			t.Errorf("picture %q has no alt", attribute(e, "src"))
		}
	case atom.Iframe:
		if attribute(e, "title") == "" {
			t.Errorf("frame %q has no title", attribute(e, "src"))
		}
	}
}

// references checks that every reference to an id resolves, and that ids are unique.
func (r Room) references(t *testing.T) {
	r.each(t, func(t *testing.T, elements []*html.Node) {
		ids := map[string]int{}
		for _, e := range elements {
			if id := attribute(e, "id"); id != "" {
				if ids[id]++; ids[id] == 2 {
					t.Errorf("id %q is there twice", id)
				}
			}
		}
		for _, e := range elements {
			for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "data-copy"} {
				for _, id := range strings.Fields(attribute(e, key)) {
					if ids[id] == 0 {
						t.Errorf("<%s %s> leads to %q, which is not there", e.Data, key, id)
					}
				}
			}
			if id, found := strings.CutPrefix(attribute(e, "href"), "#"); found && ids[id] == 0 {
				t.Errorf("a link leads to %q, which is not there", id)
			}
		}
	})
}

// problems checks that every problem is at its field, and that the field refers to it.
func (r Room) problems(t *testing.T) {
	pages := Parse(t, r.Funcs)
	for name, wanted := range r.Fields {
		page, err := pages.Render(name, r.Full[name])
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range wanted {
			found := false
			for e := range root.Descendants() {
				if attribute(e, "name") == field && attribute(e, "aria-invalid") == "true" &&
					slices.Contains(strings.Fields(attribute(e, "aria-describedby")), field+"-problem") {
					found = true
				}
			}
			if !found {
				t.Errorf("%s: the field %s does not tell its problem", name, field)
			}
		}
	}
}

// attribute returns an attribute of e, or "".
func attribute(e *html.Node, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// isInside reports whether e has an ancestor of the type outer.
func isInside(e *html.Node, outer atom.Atom) bool {
	for parent := range e.Ancestors() {
		if parent.DataAtom == outer {
			return true
		}
	}
	return false
}

// text returns the text in e.
func text(e *html.Node) string {
	var words strings.Builder
	for node := range e.Descendants() {
		if node.Type == html.TextNode {
			words.WriteString(node.Data)
		}
	}
	return words.String()
}
