package preview_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/preview"
	"example.org/cloakroom/internal/problem"
)

// show returns the preview of a text file.
func show(t testing.TB, name, text string, source bool) preview.Preview {
	t.Helper()
	return showKind(t, name, models.KindText, text, source)
}

func showKind(t testing.TB, name string, kind models.FileKind, content string, source bool) preview.Preview {
	t.Helper()
	p, err := preview.NewPatientMaker(1, time.Minute).Make(t.Context(), preview.Source{
		Name: models.Filename(name), Kind: kind, Content: strings.NewReader(content), Size: int64(len(content)),
	}, source)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plain returns the text of a preview.
func plain(p preview.Preview) string {
	var lines []string
	for i, line := range p.Lines {
		if line.Number != i+1 {
			return fmt.Sprintf("line %d has the number %d", i+1, line.Number)
		}
		text := ""
		for _, span := range line.Spans {
			text += span.Text
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

func TestText_Charsets(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"a\r\nb\rc\n":                       "a\nb\nc",
		"grüße":                             "grüße",
		"\ufeffgrüße":                       "grüße",
		"gr\xfc\xdfe \x80 \x93x\x94":        "grüße € “x”",
		"\xff\xfeg\x00r\x00\xfc\x00\n\x00!": "grü",
		"\xfe\xff\x00g\x00r\x00\xfc":        "grü",
		"a\x1b[31mb\x00":                    "a␛[31mb␀",
		"x\u202ey\u2066z":                   "x\uFFFDy\uFFFDz",
	} {
		if got := plain(show(t, "a.txt", in, false)); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// A text is read up to MaxText, also if that is within a character, and shown up to MaxLines.
func TestText_Bounds(t *testing.T) {
	for _, c := range []struct {
		text  string
		shown int // bytes
		cut   string
	}{
		{strings.Repeat("x", preview.MaxText), preview.MaxText, ""},
		{strings.Repeat("x", preview.MaxText) + "y", preview.MaxText, "512 KiB"},
		{strings.Repeat("x", preview.MaxText-1) + "ü", preview.MaxText - 1, "512 KiB"},
		{strings.Repeat("\n", preview.MaxLines), preview.MaxLines - 1, ""},
		{strings.Repeat("\n", preview.MaxLines) + "y", preview.MaxLines - 1, "10,000 lines"},
	} {
		p := show(t, "a.txt", c.text, false)
		if got := len(plain(p)); got != c.shown || (p.Cut == "") != (c.cut == "") || !strings.Contains(p.Cut, c.cut) {
			t.Errorf("%d bytes: %d are shown, %q; want %d, %q", len(c.text), got, p.Cut, c.shown, c.cut)
		}
	}
}

// Code has colours, and loses no character by them.
func TestCode_Colours(t *testing.T) {
	code := "package main\n\n// </pre><script>\nfunc main() {\n\tprintln(\"a\\n\", 12, `b\nc`)\n}"
	for _, text := range []string{code, code + "\n"} {
		p := show(t, "main.go", text, false)
		if plain(p) != code {
			t.Errorf("the code is %q", plain(p))
		}
		for line, want := range map[int]preview.Span{
			0: {Class: "tok-keyword", Text: "package"}, 2: {Class: "tok-comment", Text: "// </pre><script>"}, 4: {Class: "tok-number", Text: "12"},
		} {
			if !slices.Contains(p.Lines[line].Spans, want) {
				t.Errorf("line %d is %q, without %q", line+1, p.Lines[line].Spans, want)
			}
		}
	}
	// Every language of which we know the name ends in the text that it began with.
	for _, name := range []string{
		"a.py", "a.c", "a.html", "a.js", "a.svg", "a.diff", "a.json", "a.yaml", "Makefile", "a.sh", "a.rs", "a.php", "a.md",
	} {
		for _, text := range []string{code, "<b>\n\n\n", "\t\n x", "'", "/* \n", "{{ <?php"} {
			if got := plain(show(t, name, text, true)); got != strings.TrimSuffix(text, "\n") {
				t.Errorf("%s: %q is shown as %q", name, text, got)
			}
		}
	}
}

// The languages that chroma describes in Go have rules of our own.
func TestCode_OurOwnRules(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.go", "x := 0x1F + 0b01 + 1_000 + .5e-3 + 'a' // c", "number:0x1F number:0b01 number:1_000 number:.5e-3 string:'a' comment:// c"},
		{"a.go", "func f(int8) { return nil }\n", "keyword:func name:f keyword:int8 keyword:return keyword:nil"},
		{"a.go", "/* a\n* b */ map1 `c\n\"`", "comment:/* a comment:* b */ string:`c string:\"`"},
		{"a.go", "\"\\\"\" '\\'' \"open", `string:"\"" string:'\''`},
		{"a.md", "# Head\n- a `b` **c** [d](e)\n> f\n#g", "heading:# Head keyword:- string:`b` heading:**c** name:[d] keyword:>"},
		{"a.md", "```go\n# a\n```\n1. b <!-- c\n# d --> *e*", "string:```go string:# a string:``` keyword:1. comment:<!-- c comment:# d -->"},
	} {
		p := show(t, c.name, c.text, true)
		var got []string
		for _, line := range p.Lines {
			for _, span := range line.Spans {
				if span.Class != "" {
					got = append(got, strings.TrimPrefix(span.Class, "tok-")+":"+span.Text)
				}
			}
		}
		if got := strings.Join(got, " "); got != c.want || plain(p) != strings.TrimSuffix(c.text, "\n") {
			t.Errorf("%q: %s\nwant %s", c.text, got, c.want)
		}
	}
}

// A text up to MaxColoured with lines up to MaxLine has colours; a longer one is plain.
func TestCode_ColoursAreBounded(t *testing.T) {
	line := "// " + strings.Repeat("x", preview.MaxLine-3)
	most := strings.Repeat(line[:len(line)-1]+"\n", preview.MaxColoured/preview.MaxLine)
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"the longest": {most[:len(most)-1] + "x", true}, "longer": {most + "x", false},
		"a line": {line, true}, "a longer line": {line + "x", false},
	} {
		p := show(t, "a.go", c.text, false)
		if coloured(p) != c.want || plain(p) != c.text {
			t.Errorf("%s, %d bytes: in colours is %t", name, len(c.text), coloured(p))
		}
	}
}

// Such a lexer is not used for a part of another text either.
func TestCode_HostilePartHasNoColours(t *testing.T) {
	for language, want := range map[string]bool{"python": true, "phtml": false, "erb": false, "svelte": false} {
		p := show(t, "a.org", "#+begin_src "+language+"\n<% if 1 %><?php echo 1; ?>\n#+end_src\n", false)
		if got := len(p.Lines[1].Spans) > 1; got != want {
			t.Errorf("%s in a text: %+v", language, p.Lines[1])
		}
	}
}

func coloured(p preview.Preview) bool {
	return slices.ContainsFunc(p.Lines, func(line preview.Line) bool {
		return slices.ContainsFunc(line.Spans, func(span preview.Span) bool { return span.Class != "" })
	})
}

// A text whose lexer cannot be stopped is shown without colours, and takes the turn of no other.
func TestCode_HostileTextKeepsNoTurn(t *testing.T) {
	for name, text := range map[string]string{
		"bomb.phtml": "<?php " + strings.Repeat("/* ", 174_000), "bomb.erb": strings.Repeat("<%# ", 130_000),
		"a.phtml": "<?php echo 1; ?><p>", "a.svelte": "<script>let a = 1</script>", "a.erb": "<% a = 1 %>",
	} {
		m := preview.NewPatientMaker(1, 0)
		for _, s := range [][2]string{{name, text}, {"a.txt", "a"}} {
			p, err := m.Make(t.Context(), preview.Source{
				Name: models.Filename(s[0]), Kind: models.KindText, Content: strings.NewReader(s[1]), Size: int64(len(s[1])),
			}, false)
			if err != nil || coloured(p) || plain(p) == "" {
				t.Errorf("%s, at %s: %v, in colours is %t", name, s[0], err, coloured(p))
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	text := "# Head\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) *a*"
	p := show(t, "README.md", text, false)
	html := string(p.HTML)
	if p.Kind != preview.Markdown || !p.Formatted || !strings.Contains(html, "<h2>Head</h2>") || !strings.Contains(html, "<em>a</em>") ||
		strings.Contains(html, "<script") || strings.Contains(html, "javascript:alert(1)\"") {
		t.Errorf("it is %+v", p)
	}
	if p = show(t, "README.md", text, true); p.Kind != preview.Text || !p.Formatted || plain(p) != text {
		t.Errorf("the source is %+v", p)
	}
	line := strings.Repeat("x", 1023) + "\n"
	for lines, cut := range map[int]bool{preview.MaxMarkdown / 1024: false, preview.MaxMarkdown/1024 + 1: true} {
		p := show(t, "a.markdown", strings.Repeat(line, lines), false)
		if (p.Cut != "") != cut || strings.Count(string(p.HTML), "x") != preview.MaxMarkdown/1024*1023 {
			t.Errorf("%d lines: %q", lines, p.Cut)
		}
	}
	for _, long := range []string{"x" + strings.Repeat("ü", preview.MaxMarkdown), "\n\nxy" + strings.Repeat("ü", preview.MaxMarkdown)} {
		p := show(t, "a.md", long, false)
		if n := strings.Count(string(p.HTML), "ü"); n < preview.MaxMarkdown/2-2 || n > preview.MaxMarkdown/2 || p.Cut == "" ||
			strings.ContainsRune(string(p.HTML), '\uFFFD') {
			t.Errorf("%.6q and so on in one line: %s, %d characters, %q", long, p.Kind, n, p.Cut)
		}
	}
	if p := show(t, "a.md", strings.Repeat(" ", preview.MaxMarkdown), false); !strings.Contains(p.Cut, "only white space") {
		t.Errorf("white space alone is %q", p.Cut)
	}
	for _, empty := range []string{"", "\n"} {
		if p := show(t, "a.md", empty, false); p.Kind != preview.Text {
			t.Errorf("%.10q is %s", empty, p.Kind)
		}
	}
}

func TestTable(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.csv", "a,b\n1,\"2,\n3\"\n=cmd|'/c calc'!A1,<script>", "[[a b] [1 2,\n3] [=cmd|'/c calc'!A1 <script>]]"},
		{"a.csv", "a;b,c;d\n1;2;3", "[[a b,c d] [1 2 3]]"},
		{"a.csv", "a\tb\n", "[[a b]]"},
		{"a.tsv", "a,b\tc", "[[a,b c]]"},
		{"a.csv", "a \"b\" c,d", "[[a \"b\" c d]]"},
	} {
		p := show(t, c.name, c.text, false)
		if got := fmt.Sprint(p.Rows); p.Kind != preview.Table || got != c.want {
			t.Errorf("%s %q is %s, want %s", c.name, c.text, got, c.want)
		}
	}
	if p := show(t, "a.csv", "\n\n", false); p.Kind != preview.Text {
		t.Errorf("no rows: %+v", p)
	}
	if p := show(t, "a.csv", "a,b", true); p.Kind != preview.Text || plain(p) != "a,b" {
		t.Errorf("the source: %+v", p)
	}
}

func TestTable_Bounds(t *testing.T) {
	for more := range 2 {
		p := show(t, "a.csv", strings.Repeat("a,b\n", preview.MaxRows+more), false)
		if len(p.Rows) != preview.MaxRows || (p.Cut != "") != (more > 0) {
			t.Errorf("%d more rows: %d, %q", more, len(p.Rows), p.Cut)
		}
		p = show(t, "a.csv", strings.Repeat("a,", preview.MaxColumns+more-1)+"a", false)
		if row := p.Rows[0]; len(row) != preview.MaxColumns+more || (row[len(row)-1] == "…") != (more > 0) {
			t.Errorf("%d more columns: %q", more, row)
		}
		p = show(t, "a.csv", strings.Repeat("ü", preview.MaxCell+more), false)
		if cell := p.Rows[0][0]; cell != strings.Repeat("ü", preview.MaxCell)+strings.Repeat("…", more) {
			t.Errorf("%d more characters: %q", more, cell)
		}
	}
}

// Previews wait for their turn, and a visitor is told when it does not come.
func TestMake_WaitsForItsTurn(t *testing.T) {
	m := preview.NewPatientMaker(1, 0)
	begun, end := make(chan struct{}), make(chan struct{})
	slow := readFunc(func([]byte) (int, error) {
		close(begun)
		<-end
		return 0, bytes.ErrTooLarge
	})
	failed := make(chan error)
	go func() {
		_, err := m.Make(t.Context(), preview.Source{Name: "a.txt", Kind: models.KindText, Content: slow, Size: 1}, false)
		failed <- err
	}()
	<-begun
	quick := preview.Source{Name: "a.txt", Kind: models.KindText, Content: strings.NewReader("a"), Size: 1}
	_, err := m.Make(t.Context(), quick, false)
	if problem.KindOf(err) != problem.Unavailable {
		t.Errorf("while another is made: %v", err)
	}
	close(end)
	if err := <-failed; err != bytes.ErrTooLarge { //nolint:errorlint // it must be returned as it is
		t.Errorf("a content that cannot be read: %v", err)
	}
	if _, err := m.Make(t.Context(), quick, false); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// readFunc is a content that can only be read once.
type readFunc func([]byte) (int, error)

func (r readFunc) Read(p []byte) (int, error)     { return r(p) }
func (r readFunc) Seek(int64, int) (int64, error) { return 0, nil }

// Whatever the text, its preview is within the bounds and loses none of its lines.
func FuzzText(f *testing.F) {
	f.Add("a.go", "package a\nvar b = `c\n`")
	f.Add("a.csv", "a,\"b\nc;d")
	f.Add("a.md", "# a\n<b>\n|c|d|\n|-|-|")
	f.Add("a.html", "<script>'</script>")
	f.Add("a.tsv", "\xff\xfea\x00\t\x00")
	f.Fuzz(func(t *testing.T, name, text string) {
		source := show(t, name, text, true)
		if source.Kind != preview.Text || len(source.Lines) > preview.MaxLines {
			t.Errorf("the source of %q is %s with %d lines", text, source.Kind, len(source.Lines))
		}
		if got, want := plain(source), plain(show(t, "a.txt", text, true)); got != want {
			t.Errorf("%q is shown in colours as %q, without as %q", text, got, want)
		}
		if p := show(t, name, text, false); len(p.Rows) > preview.MaxRows {
			t.Errorf("%q has %d rows", text, len(p.Rows))
		}
	})
}

// The first row of a table is its head if it has no number. Numbers are told from other cells.
func TestTable_HasAHeadAndNumbers(t *testing.T) {
	for text, want := range map[string]bool{"name,size\na,1\n": true, "a,1\nb,2\n": false, "name,size\n": false} {
		if got := show(t, "a.csv", text, false).HasHead(); got != want {
			t.Errorf("%q has a head: %v", text, got)
		}
	}
	for cell, want := range map[string]bool{
		"1": true, " 1,024.50 ": true, "-3": true, "+4 %": true, "−5": true, "1 000": true,
		"": false, "-": false, "1a": false, "2026-11-29": false, "v1": false,
	} {
		if got := preview.IsNumber(cell); got != want {
			t.Errorf("%q is a number: %v", cell, got)
		}
	}
}
