package sanitize_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/sanitize"
)

const ours = ` rel="nofollow noopener ugc"`

func TestPost(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"headings go down": {"# One\n\n## Two\n\n###### Six", "<h2>One</h2>\n<h3>Two</h3>\n<h6>Six</h6>"},
		"raw heading":      {"<h1>One</h1>", "<h2>One</h2>"},
		"emphasis":         {"*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>"},
		"synonyms":         {"<b>a</b> <i>b</i> <s>c</s>", "<p><strong>a</strong> <em>b</em> <del>c</del></p>"},
		"list":             {"- a\n- b\n\n3. c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>"},
		"task list":        {"- [ ] a\n- [x] b\n\n[ ] c", "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>\n<p>[ ] c</p>"},
		"nested list":      {"- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"},
		"code":             {"```go\nif a < b {}\n```", `<pre tabindex="0" role="group" aria-label="Code"><code>if a &lt; b {}` + "\n</code></pre>"},
		"quote":            {"> a\n> > b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>"},
		"table": {"|a|b|\n|:-|-:|\n|c|d|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n" +
			"<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>" +
			"\n<tr>\n<td align=\"left\">c</td>\n<td align=\"right\">d</td>\n</tr>\n</tbody>\n</table>"},
		"raw table": {"<table><tr><td>a<td>b<tr><td>c</table>", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"},
		"link":      {"[a](https://example.org/?a=1&b=2 \"t\")", `<p><a href="https://example.org/?a=1&amp;b=2"` + ours + `>a</a></p>`},
		"bare link": {"see https://example.org/x.", `<p>see <a href="https://example.org/x"` + ours + `>https://example.org/x</a>.</p>`},
		"mail":      {"<a@example.org>", `<p><a href="mailto:a@example.org"` + ours + `>a@example.org</a></p>`},
		"image": {"![alt *text*](https://example.org/x.png)",
			`<p><a href="https://example.org/x.png"` + ours + `>alt <em>text</em></a></p>`},
		"image in a link": {"[![alt](https://example.org/x.png)](https://example.org/)",
			`<p><a href="https://example.org/"` + ours + `>alt</a></p>`},
		"raw image":          {"a <img src=https://example.org/x.png alt=x> b", "<p>a &lt;img src=https://example.org/x.png alt=x&gt; b</p>"},
		"class and style":    {`<p class="x" id="y" style="color:red">a</p>`, "<p>a</p>"},
		"unclosed":           {"<blockquote><b>a", "<blockquote><strong>a</strong></blockquote>"},
		"closed too often":   {"</blockquote></b></p>a", "a"},
		"li outside of list": {"<li>a</li>", "a"},
		"block in inline":    {"<b>a<p>b</b>c</p>", "<p><strong>a</strong></p><p>bc</p>"},
		"link in link": {`<a href="https://a.example/">a<a href="https://b.example/">b</a>c</a>`,
			`<p><a href="https://a.example/"` + ours + `>a</a><a href="https://b.example/"` + ours + `>b</a>c</p>`},
		"relative link": {"[a](/logout) [b](x) [c](#d) [d](?e)", "<p>a b c d</p>"},
		"other schemes": {"[a](ftp://example.org/) [b](tel:1) [c](file:///etc/passwd)", "<p>a b c</p>"},
		"unknown tag":   {"List<String> and ssh user@<host>", "<p>List&lt;String&gt; and ssh user@&lt;host&gt;</p>"},
		"only a tag":    {"<none>", "&lt;none&gt;"},
		"script":        {"a <script>b</script>", "<p>a &lt;script&gt;b&lt;/script&gt;</p>"},
		"details":       {"<details><summary>a</summary>b</details>", "&lt;details&gt;&lt;summary&gt;a&lt;/summary&gt;b&lt;/details&gt;"},
		"unended tag":   {"<div\na", "&lt;div\na"},
		"comment":       {"a <!-- b --> c", "<p>a  c</p>"},
		"footnote":      {"a[^1]\n\n[^1]: b", "<p>a[^1]</p>\n<p>[^1]: b</p>"},
		"line of a log": {"[INFO]: started", "<p>[INFO]: started</p>"},
		"definition":    {"[a][b]\n\n[b]: https://example.org/ \"t\"", `<p><a href="https://example.org/"` + ours + `>a</a></p>`},
		"mention": {"@mara, see **@Jonas_w**.", `<p><a href="/users/mara"` + ours + `>@mara</a>, see <strong><a href="/users/Jonas_w"` + ours +
			`>@Jonas_w</a></strong>.</p>`},
		"no mention":          {"x@mara, @ab, npm/@types, `@mara`", "<p>x@mara, @ab, npm/@types, <code>@mara</code></p>"},
		"mention in a link":   {"[@mara](https://example.org/)", `<p><a href="https://example.org/"` + ours + `>@mara</a></p>`},
		"mention in raw code": {"<kbd>@mara</kbd> <code>@mara</code>", "<p><kbd>@mara</kbd> <code>@mara</code></p>"},
		"typed like ours":     {`<a href="/users/mara">log in</a>`, "<p>log in</p>"},
		"international host": {"(https://München.de:8443/größe?q=ü#ß) [a](https://münchen.de)",
			`<p>(<a href="https://xn--mnchen-3ya.de:8443/gr%C3%B6%C3%9Fe?q=%C3%BC#%C3%9F"` + ours +
				`>https://München.de:8443/größe?q=ü#ß</a>) ` +
				`<a href="https://xn--mnchen-3ya.de"` + ours + `>a</a></p>`},
		"international ends": {"https://пример.рф https://xn--e1afmkfd.xn--p1ai/ www.bücher.example.",
			`<p><a href="https://xn--e1afmkfd.xn--p1ai"` + ours + `>https://пример.рф</a> <a href="https://xn--e1afmkfd.xn--p1ai/"` + ours +
				`>https://xn--e1afmkfd.xn--p1ai/</a> <a href="http://www.xn--bcher-kva.example"` + ours + `>www.bücher.example</a>.</p>`},
		"words without spaces": {"詳細は https://例え.jp/を参照、 " +
			"https://example.orgをご覧ください。 https://example.com/에서",
			`<p>詳細は <a href="https://xn--r8jz45g.jp/"` + ours + `>https://例え.jp/</a>を参照、 <a href="https://example.org"` + ours +
				`>https://example.org</a>をご覧ください。 <a href="https://example.com/"` + ours + `>https://example.com/</a>에서</p>`},
		"two alphabets": {"https://p\u0430ypal.com [a](https://ex\u03b1mple.com) [b](https://qq音乐.com)",
			"<p>https://p\u0430ypal.com a " + `<a href="https://xn--qq-r12c3310a.com"` + ours + `>b</a></p>`},
		"one alphabet, and not the usual": {"https://аррӏе.com",
			`<p><a href="https://xn--80ak6aa92e.com"` + ours + `>https://аррӏе.com</a></p>`},
		"letters that are signs": {"[a](https://a℀b.com) [b](https://example.com。evil.example)",
			`<p>a <a href="https://example.com.evil.example"` + ours + `>b</a></p>`},
		"no host":      {"[a](https://\u200d.com) [b](https://" + strings.Repeat("ü", 254) + ".com)", "<p>a b</p>"},
		"user in link": {"[a](https://bank.example@evil.example/)", "<p>a</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(string(sanitize.Post(models.Content(c.in), models.Rendered{}))); got != c.want {
				t.Errorf("Post(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

// At most 100 mentions of a text become links, and none of a file, where an @ means something else.
func TestMentions_AreBounded(t *testing.T) {
	for n, want := range map[int]int{100: 100, 101: 100} {
		got := sanitize.RenderPost(models.Content(strings.Repeat("@mara ", n))).HTML
		if links := strings.Count(got, "<a "); links != want || strings.Count(got, "@mara") != n {
			t.Errorf("%d mentions give %d links:\n%s", n, links, got)
		}
	}
	if got := sanitize.Document("import @mara"); got != "<p>import @mara</p>\n" {
		t.Errorf("a file gives %q", got)
	}
}

func TestComment(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"markdown": {"*a* **b** `c`\nd", "<p><em>a</em> <strong>b</strong> <code>c</code><br>\nd</p>"},
		"html":     {"<p>a <b>b</b> <i>c</i></p><ul><li>d</li></ul>", "<p>a <strong>b</strong> <em>c</em></p><ul><li>d</li></ul>"},
		"heading":  {"# a", "<p>a</p>"},
		"table": {"<table><tr><td>a</td></tr></table>",
			"&lt;table&gt;&lt;tr&gt;&lt;td&gt;a&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;"},
		"ruler":   {"a\n\n---\n\nb", "<p>a</p>\n<p>---</p>\n<p>b</p>"},
		"deleted": {"~~a~~", "<p>~~a~~</p>"},
		"link":    {"[a](https://example.org/)", `<p><a href="https://example.org/"` + ours + `>a</a></p>`},
		"own rel": {`<a rel="opener" target="_blank" href="https://example.org/">a</a>`,
			`<p><a href="https://example.org/"` + ours + `>a</a></p>`},
		"no rel twice": {`<a href="https://example.org/" rel="nofollow noopener ugc">a</a>`,
			`<p><a href="https://example.org/"` + ours + `>a</a></p>`},
		"two hrefs": {`<a href="https://a.example/" href="javascript:alert(1)">a</a>`,
			`<p><a href="https://a.example/"` + ours + `>a</a></p>`},
		"words": {"1 < 2 && 3 > 2", "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(string(sanitize.Comment(models.CommentBody(c.in), models.Rendered{}))); got != c.want {
				t.Errorf("Comment(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("wörter ", 100))
	for name, c := range map[string]struct{ in, want string }{
		"plain":      {"Hello.\n\nworld", "Hello. world"},
		"signs":      {"# Hi\n\n- *a* **b** `c` [d](https://example.org)\n- e\n\n> f\n\n---\n\n|g|h|\n|-|-|\n|i|j|", "Hi · a b c d · e · f · g · h · i · j"},
		"html":       {"<b>a</b><br>b<script>alert(1)</script> &amp; c &lt;d&gt;", "a · b<script>alert(1)</script> & c <d>"},
		"image":      {"![a cat](https://example.org/cat.png)", "a cat"},
		"just fits":  {strings.Repeat("a", models.MaxExcerpt), strings.Repeat("a", models.MaxExcerpt)},
		"one word":   {strings.Repeat("ä", models.MaxExcerpt+1), strings.Repeat("ä", models.MaxExcerpt-1) + "…"},
		"many words": {long, strings.TrimSpace(strings.Repeat("wörter ", 39)) + "…"},
		"only html":  {"<p></p><br>", ""},
		"list, code": {"We need:\n\n- nails\n- a saw\n\n```\ntotal: 4\nspent: 3\n```", "We need: nails · a saw · total: 4 · spent: 3"},
	} {
		t.Run(name, func(t *testing.T) {
			got := sanitize.Excerpt(models.Content(c.in))
			if got != c.want || utf8.RuneCountInString(got) > models.MaxExcerpt {
				t.Errorf("Excerpt(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

// The largest content of one repeated unit grows by a small factor at most, which also
// bounds the time.
func TestHostileNesting(t *testing.T) {
	for _, unit := range hostile {
		in := strings.Repeat(unit, models.MaxContent/len(unit))
		for _, out := range []string{sanitize.RenderPost(models.Content(in)).HTML, sanitize.RenderComment(models.CommentBody(in)).HTML} {
			if len(out) > 20*models.MaxContent {
				t.Errorf("%d times %q become %d bytes", models.MaxContent/len(unit), unit, len(out))
			}
			if depth := strings.Count(out, "<blockquote>"); depth > models.MaxContent/4 {
				t.Errorf("%q gives %d quotes", unit, depth)
			}
		}
	}
}

// Texts whose parts multiply become a few times larger at most: the missing cells of a wide
// table, many links to one long address, and many short addresses.
func TestGrowthIsBounded(t *testing.T) {
	long := "http://b.c/" + strings.Repeat("x", 1900)
	for name, in := range map[string]string{
		"wide table":   strings.Repeat("|a", 1000) + "|\n" + strings.Repeat("|-", 1000) + "|\n" + strings.Repeat("a\n", 2000),
		"wide columns": strings.Repeat("a|", 1000) + "\n" + strings.Repeat(":-:|", 1000) + "\n" + strings.Repeat("a\n", 1500),
		"in a quote":   "> " + strings.Repeat("|a", 1000) + "|\n> " + strings.Repeat("|-", 1000) + "|\n" + strings.Repeat("> a\n", 1000),
		"narrow first": "|a|\n|-|\n" + strings.Repeat("|a", 1000) + "|\n" + strings.Repeat("|-", 1000) + "|\n" + strings.Repeat("a\n", 2000),
		"many tables":  strings.Repeat(strings.Repeat("|a", 20)+"\n"+strings.Repeat("|-", 20)+"|\n"+strings.Repeat("a\n", 20)+"\n", 80),
		"references":   "[a]: " + long + "\n\n" + strings.Repeat("[a]", 2000),
		"images":       "[a]: " + long + "\n\n" + strings.Repeat("![a]", 2000),
		"mail":         strings.Repeat("a@b.c ", 1600),
		"addresses":    strings.Repeat("http://a.b ", 900),
		"links":        strings.Repeat("[](http://a)", 800),
	} {
		for _, out := range []string{sanitize.RenderPost(models.Content(in)).HTML, sanitize.RenderComment(models.CommentBody(in)).HTML} {
			if len(out) > 9*len(in) {
				t.Errorf("%s: %d bytes become %d", name, len(in), len(out))
			}
		}
	}
}

// The end of an address is sought only as far as an address can be long: what has none within
// is shown as typed, and what follows is formatted.
func TestLinks_EndNear(t *testing.T) {
	far := strings.Repeat("x", 2100)
	for in, want := range map[string]string{
		"[a](http://b.c/" + far + ") *b*":               "[a](http",
		"[a](<http://b.c/" + far + "> 'c') *b*":         "[a](http",
		strings.Repeat("[a](", 1000) + " *b*":           "[a]([a](",
		"[a](http://b.c) *b* " + far:                    `<a href="http://b.c" `,
		"[a](<http://b.c> 'c') *b* " + far:              `<a href="http://b.c" `,
		"[a]( http://b.c/(d)\\(e 'c') *b* " + far:       `<a href="http://b.c/(d)(e" `,
		"![a](http://b.c) [w](http://c.d) *b* " + far:   `<a href="http://c.d" `,
		"[a](http://b.c/" + far[:1900] + ") *b* " + far: `<a href="http://b.c/xxx`,
	} {
		for _, out := range []string{sanitize.RenderPost(models.Content(in)).HTML, sanitize.RenderComment(models.CommentBody(in)).HTML} {
			if !strings.Contains(out, want) || !strings.Contains(out, "<em>b</em>") {
				t.Errorf("%.40s… gives %.200s…", in, out)
			}
		}
	}
}

// What people write stays what it is: tables with missing cells, and as many links as there
// are words.
func TestGrowth_LeavesUsualTextsAlone(t *testing.T) {
	short := sanitize.RenderPost("|a|b|c|d|e|f|\n|-|-|-|-|-|-|\n" + models.Content(strings.Repeat("x\n", 20))).HTML
	if n := strings.Count(short, "<td>"); n != 6*20 {
		t.Errorf("a table with short rows has %d cells", n)
	}
	row := "|" + strings.Repeat("1|", 20) + "\n"
	head := "|" + strings.Repeat("h|", 20) + "\n|" + strings.Repeat("-|", 20) + "\n"
	whole := sanitize.RenderPost(models.Content(head + strings.Repeat(row, 200))).HTML
	if n := strings.Count(whole, "<td>"); n != 20*200 {
		t.Errorf("a table with whole rows has %d cells", n)
	}
	for _, unit := range []string{"https://example.org ", "mara@example.org ", "[w](https://example.org/a) "} {
		out := sanitize.RenderPost(models.Content(strings.Repeat(unit, 400))).HTML
		if n := strings.Count(out, "<a href"); n != 400 {
			t.Errorf("400 times %q are %d links", unit, n)
		}
	}
	many := "[a]: http://b.c/" + strings.Repeat("x", 1900) + "\n\n" + strings.Repeat("[a] a@b.c ", 900)
	kept := sanitize.RenderPost(models.Content(many)).HTML
	if n := strings.Count(kept, "a@b.c"); n < 900 {
		t.Errorf("past the bound, words are lost: %d of 900", n)
	}
}

// However deep quotes and lists nest, the result nests no deeper than our bound, and the
// rest is shown as typed.
func TestNestingIsBounded(t *testing.T) {
	for _, unit := range []string{"> ", "- ", "1. "} {
		in := strings.Repeat(unit, 2000) + "word" + strings.Repeat("\n", 2000) + "end"
		out := sanitize.RenderPost(models.Content(in)).HTML
		if depth := strings.Count(out, "<blockquote>") + strings.Count(out, "<li>"); depth != 20 {
			t.Errorf("%q gives %d levels, want 20", unit, depth)
		}
		if !strings.Contains(out, "word") || !strings.Contains(out, "end") {
			t.Errorf("%q lost text", unit)
		}
	}
}

// hostile holds units whose repetition has been slow in parsers of Markdown and HTML.
var hostile = []string{">", "> ", "[", "]", "![", "[](", "[a](<", "*", "**a ", "_", "a_b", "`", "` ``", "~", "<", "</", "<b>",
	"<p><b>", "<a href=http://a>",
	"<table><td>", "<blockquote>", "<ul><li>", "- ", "1. ", "-\n", "# ", "|", "|-",
	"a|\n-|", "[a]: b\n", "[a][", "&", "&#", "&amp;", "\\", "<!--", "<?", "<![CDATA[",
	"http://", "www.", "a@", "a@b.", "!", "(", ")", "[(", "*_", "***a*", "x^",
	" http://ü.", " http://ü.b/ü", " www.ü", "\t", "    ", "\n>", "- - ", "+ *\n", "<pre>", "<code>", "\u00e4*"}

func BenchmarkPost(b *testing.B) {
	in := models.Content(strings.Repeat("## A heading\n\nSome *words* and a [link](https://example.org/), `code`.\n\n- one\n- two\n\n", 100))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		sanitize.RenderPost(in)
	}
}

// BenchmarkHostile measures the most expensive contents.
func BenchmarkHostile(b *testing.B) {
	for _, unit := range append(hostile, strings.Repeat("1. ", 2000)+strings.Repeat("\n", 2000)) {
		in := models.Content(strings.Repeat(unit, models.MaxContent/len(unit)))
		b.Run(strings.NewReplacer("\n", "N", " ", "_", "\t", "T").Replace(unit[:min(len(unit), 12)]), func(b *testing.B) {
			for b.Loop() {
				sanitize.RenderPost(in)
			}
		})
	}
}
