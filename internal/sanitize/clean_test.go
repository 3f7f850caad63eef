package sanitize

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"example.org/cloakroom/internal/models"
)

// Whatever the HTML or Markdown, browsers find only allowed elements and attributes in
// the output, and clean is idempotent.
// What links multiply is bounded already before it is cleaned, where all of it is in memory.
func TestLinks_AreBoundedBeforeTheyAreCleaned(t *testing.T) {
	title, address := strings.Repeat("&", 4900), "http://b.c/"+strings.Repeat("x", 1900)
	for name, in := range map[string]string{
		"titles":           "[a]: http://b.c \"" + title + "\"\n\n" + strings.Repeat("[a]", 1650),
		"titles of images": "[a]: http://b.c \"" + title + "\"\n\n" + strings.Repeat("![a]", 1250),
		"addresses":        "[a]: " + address + "\n\n" + strings.Repeat("[a]", 2000),
		"of images":        "[a]: " + address + "\n\n" + strings.Repeat("![a]", 2000),
	} {
		if out := markdown(postConverter, in); len(out) > 16*len(in) {
			t.Errorf("%s: %d bytes become %d", name, len(in), len(out))
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, vector := range vectors(f) {
		f.Add(vector)
	}
	f.Add("# a\n\n- *b* **c**\n\n|d|e|\n|:-|-|\n|f|g|\n\n> 3. [h](https://example.org/?i=1&j=2#k) `l`")
	f.Add("@mara, <li>@</li>jonas `@ines` [@mara](https://example.org) x@mara @mara@jonas")
	f.Add("<table>a<tr>b<td>c<li>d<ul>e<li>f<p>g<h2>h</ul>i</table><pre>\n\nj</pre>\r&#13;\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range []*rules{&postRules, &commentRules} {
			for _, in := range []string{s, markdown(postConverter, s)} {
				once := clean(r, in)
				if twice := clean(r, once); twice != once {
					t.Errorf("clean(%q)\n is %q\nthen %q", in, once, twice)
				}
				inspect(t, r, in, once)
			}
		}
		inspect(t, &postRules, s, string(Post(models.Content(s), models.Rendered{})))
		inspect(t, &commentRules, s, string(Comment(models.CommentBody(s), models.Rendered{})))
		Excerpt(models.Content(s))
	})
}

// The corpus of attacks leaves only allowed HTML, and keeps its text.
func TestVectors(t *testing.T) {
	for _, vector := range vectors(t) {
		for _, in := range []string{vector, "before\n\n" + vector, "a <b>b</b> " + vector, "<table><tr><td>" + vector} {
			inspect(t, &postRules, in, string(Post(models.Content(in), models.Rendered{})))
			inspect(t, &commentRules, in, string(Comment(models.CommentBody(in), models.Rendered{})))
			inspect(t, &postRules, in, clean(&postRules, in))
		}
	}
}

// vectors returns the attacks of the corpus, which are separated by lines of %%.
func vectors(t testing.TB) []string {
	text, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n%%\n")
	if len(all) < 100 {
		t.Fatalf("the corpus holds %d vectors, want at least 100", len(all))
	}
	return all
}

// inspect parses out like a browser, where a post is placed in a page, and compares every
// node with a list of its own, so that a mistake in the rules is noticed.
func inspect(t *testing.T, r *rules, in, out string) {
	t.Helper()
	elements := "p br strong em a ul ol li code pre blockquote"
	if r == &postRules {
		elements += " del sub sup kbd hr h2 h3 h4 h5 h6 table thead tbody tr th td"
	}
	nodes, err := html.ParseFragment(strings.NewReader(out), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Errorf("%q gives what cannot be parsed: %v", in, err)
	}
	for _, root := range nodes {
		for n := range treeOf(root) {
			switch n.Type {
			case html.TextNode:
				continue
			case html.ElementNode:
			default:
				t.Errorf("%q gives a node of type %d in %q", in, n.Type, out)
			}
			if n.Namespace != "" || !slices.Contains(strings.Fields(elements), n.Data) {
				t.Errorf("%q gives <%s> in %q", in, n.Data, out)
			}
			inspectAttributes(t, n, in)
		}
	}
}

func treeOf(root *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if !yield(root) {
			return
		}
		for n := range root.Descendants() {
			if !yield(n) {
				return
			}
		}
	}
}

// mentioned matches the page of a user, to which @name leads.
var mentioned = regexp.MustCompile(`^/users/[A-Za-z0-9_]{1,30}$`)

func inspectAttributes(t *testing.T, n *html.Node, in string) {
	t.Helper()
	keys := []string{}
	for _, a := range n.Attr {
		keys = append(keys, a.Key)
		switch n.Data + " " + a.Key {
		case "a href":
			if mentioned.MatchString(a.Val) {
				continue
			}
			u, err := url.Parse(a.Val)
			lower := strings.ToLower(a.Val)
			if err != nil || !(strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") ||
				strings.HasPrefix(lower, "mailto:")) || u.User != nil {
				t.Errorf("%q gives a link to %q", in, a.Val)
			}
		case "a rel":
			if a.Val != "nofollow noopener ugc" {
				t.Errorf("%q gives rel=%q", in, a.Val)
			}
		case "ol start":
			if strings.Trim(a.Val, "0123456789") != "" {
				t.Errorf("%q gives start=%q", in, a.Val)
			}
		case "td align", "th align":
			if !slices.Contains([]string{"left", "center", "right"}, a.Val) {
				t.Errorf("%q gives align=%q", in, a.Val)
			}
		case "pre tabindex", "pre role", "pre aria-label":
			if want := map[string]string{"tabindex": "0", "role": "group", "aria-label": "Code"}[a.Key]; a.Val != want {
				t.Errorf("%q gives %s=%q on <pre>", in, a.Key, a.Val)
			}
		default:
			t.Errorf("%q gives %s=%q on <%s>", in, a.Key, a.Val, n.Data)
		}
	}
	if n.Data == "a" && !slices.Equal(keys, []string{"href", "rel"}) {
		t.Errorf("%q gives a link with %q", in, keys)
	}
}

// Nesting is bounded, so that a page with a post stays below the depth at which browsers
// rearrange elements.
func TestClean_Depth(t *testing.T) {
	for _, unit := range []string{"<blockquote>", "<ul><li>", "<strong>", "<table><tr><td>", "<a href=https://example.org>", "<code><em>"} {
		out := clean(&postRules, strings.Repeat(unit, 5000)+"words")
		depth, deepest := 0, 0
		z := html.NewTokenizer(strings.NewReader(out))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			switch kind {
			case html.StartTagToken:
				depth++
			case html.EndTagToken:
				depth--
			}
			deepest = max(deepest, depth)
		}
		if deepest > maxDepth || depth != 0 || !strings.Contains(out, "words") {
			t.Errorf("%s: nested %d deep, %d left open, words kept: %v", unit, deepest, depth, strings.Contains(out, "words"))
		}
	}
}
