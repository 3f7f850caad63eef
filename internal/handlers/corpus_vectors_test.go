package handlers_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// hostile is the corpus of attacks, by target. An element x-canary or a header
// X-Canary in a response means that the site did not treat it as text.
var hostile = map[string][]string{
	"SQL": {
		`'`, `"`, `';--`, `' OR '1'='1`, `" OR ""="`, `'; DROP TABLE users; --`, `1); DELETE FROM posts WHERE (1=1`,
		`') UNION SELECT password_hash FROM users --`,
		`\'; UPDATE users SET role='admin'; --`, `x' AND 1=randomblob(500000000)--`, `'||pg_sleep(30)||'`, `$1`, `?`, `@owner`, `:id`,
		`$$;SELECT 1;$$`,
		`/*!50000 SELECT*/`, `%' ESCAPE '!`, `_%`, `a* NOT b`, `"a" NEAR/1 "b"`, `x & !y | (z:*`, `document:x`, `0x27204f52`, "ʼ OR 1=1",
		"＇ OR ＇1＇=＇1",
	},
	"NoSQL": {`{"$gt":""}`, `{"$where":"sleep(5000)"}`, `[$ne]=1`, `'; return true; var x='`, `*)(uid=*))(|(uid=*`,
		`' or count(/*)=1 or '`},
	"template": {`{{.}}`, `{{.User.PasswordHash}}`, `{{template "problem"}}`, `{{call .Now}}`, `${7*7}`, `${{7*7}}`, `#{7*7}`, `<%= 7*7 %>`,
		`*{7*7}`, `{% debug %}`, `[[${7*7}]]`, `{{define "main"}}x{{end}}`, `@(7*7)`},
	"header": {"x\r\nX-Canary: 1", "x\nX-Canary: 1", "x\rX-Canary: 1", "x\r\n\r\n<x-canary>", "%0d%0aX-Canary:1",
		"%E5%98%8A%E5%98%8DX-Canary:1", "嘊嘍X-Canary: 1", "x\u0085X-Canary: 1", "x\u2028X-Canary: 1"},
	"markup": {
		`<x-canary>`, `"><x-canary>`, `'><x-canary onclick=a()>`, `</textarea><x-canary>`, `</title><x-canary>`, `--><x-canary>`, `]]><x-canary>`,
		`" onfocus="a()" autofocus="`,
		`&lt;x-canary&gt;`, `&#60;x-canary&#62;`, `\u003cx-canary\u003e`, `<!--`, `<![CDATA[<x-canary>]]>`, `javascript:a()`, `＜x-canary＞`,
	},
	"direction": {"a\u202egnp.exe", "\u2066left\u2069", "\u200frtl", "שלום", "a\u200bb", "\ufeffbom"},
	"bytes":     {"\x00", "a\x00b", "\xff", "a\xc0\xafb", "\xed\xa0\x80", "a\xf4\x90\x80\x80", "\x1b[31mred", "\x7f", "\xe2\x28"},
	"format":    {`%s%s%s%s%n`, `%!d(string=x)`, `%x%x%x%x`, `{0}{1}`, `100%`, `%`, `%2500`, `%00`},
	"command": {`$(touch canary)`, "`touch canary`", `; touch canary`, `| touch canary`, `&& touch canary`, `-rf`, `--help`, `@/etc/passwd`,
		`=cmd|' /C calc'!A0`, `() { :;}; touch canary`},
	"long": {strings.Repeat("a", 201), strings.Repeat("ab ", 2000), strings.Repeat("ü", 5001), strings.Repeat("(", 3000),
		strings.Repeat("x", 60<<10)},
	"homoglyphs": {"аnn", "ann\u0301", "ａｎｎ", "ann\u200d", "ANN ", "admın", "K", "ﬁle", "İstanbul", "ß"},
	"numbers":    {`-1`, `0`, `9223372036854775808`, `1e309`, `NaN`, `0x7f`, `٣`, `null`, `true`, `undefined`, ``},
	"time":       {`2026-13-45T99:99:99Z`, `0000-00-00`, `9999999999999999`},
}

// corpus returns hostile in a fixed order, with a maximum number of each kind.
func corpus(most int) (all []string) {
	for _, kind := range slices.Sorted(maps.Keys(hostile)) {
		all = append(all, hostile[kind][:min(most, len(hostile[kind]))]...)
	}
	return all
}

// knownHeaders are all headers that a response may have.
var knownHeaders = []string{
	"Accept-Ranges", "Allow", "Cache-Control", "Clear-Site-Data", "Connection", "Content-Disposition", "Content-Length", "Content-Range",
	"Content-Security-Policy", "Content-Type", "Cross-Origin-Embedder-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
	"Etag", "Last-Modified", "Link", "Location", "Permissions-Policy", "Ratelimit", "Ratelimit-Policy", "Referrer-Policy",
	"Reporting-Endpoints", "Retry-After", "Set-Cookie",
	"Strict-Transport-Security", "Vary", "Www-Authenticate", "X-Content-Type-Options", "X-Frame-Options", "X-Ratelimit-Limit",
	"X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Request-Id", "X-Robots-Tag", "X-Xss-Protection",
}

// wantHandled checks every response to hostile input: no server error, no unknown
// header, no redirect elsewhere and no foreign markup. It returns the page, if
// there is one.
func wantHandled(t *testing.T, what string, got *httptest.ResponseRecorder) *html.Node {
	t.Helper()
	if got.Code >= http.StatusInternalServerError {
		t.Errorf("%.300s: %d\n%.500s", what, got.Code, got.Body)
	}
	for name, values := range got.Header() {
		if !slices.Contains(knownHeaders, name) {
			t.Errorf("%.300s: the answer has a header %s", what, name)
		}
		for _, value := range values {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
				t.Errorf("%.300s: %s: %q", what, name, value)
			}
		}
	}
	wantOwnLocation(t, what, got.Header().Get("Location"))
	if !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
		return nil
	}
	page := must(html.Parse(strings.NewReader(got.Body.String())))(t)
	if !utf8.ValidString(got.Body.String()) {
		t.Errorf("%.300s: the page is not UTF-8", what)
	}
	for node := range page.Descendants() {
		if wrong := active(node); wrong != "" {
			t.Errorf("%.300s: the page holds %s", what, wrong)
		}
	}
	return page
}

func wantOwnLocation(t *testing.T, what, location string) {
	t.Helper()
	base := must(url.Parse(publicURL + "/x"))(t)
	if to, err := base.Parse(location); err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.HasPrefix(to.Path, "//") {
		t.Errorf("%.300s leads to %q", what, location)
	}
}

// active names the part of node that no page of the site contains, or "".
func active(node *html.Node) string {
	if node.Type != html.ElementNode {
		return ""
	}
	if strings.HasPrefix(node.Data, "x-") || node.Data == "style" || node.Data == "iframe" || node.Data == "script" &&
		attribute(node, "src") == "" {
		return "<" + node.Data + ">"
	}
	for _, a := range node.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
			return a.Key + "=" + a.Val
		}
		link := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
		if to, err := url.Parse(a.Val); link && (err != nil || !slices.Contains([]string{"", "http", "https", "mailto"}, to.Scheme)) {
			return a.Key + "=" + a.Val
		}
	}
	return ""
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// shown reports whether an element with the given tag or, after a dot, class
// has exactly this text, as its content or its value.
func shown(page *html.Node, where, text string) bool {
	if page == nil {
		return false
	}
	class, byClass := strings.CutPrefix(where, ".")
	for node := range page.Descendants() {
		if node.Type != html.ElementNode || byClass && !slices.Contains(strings.Fields(attribute(node, "class")), class) || !byClass &&
			node.Data != where {
			continue
		}
		if attribute(node, "value") == text || written(node) == text {
			return true
		}
	}
	return false
}

// written returns the text within node.
func written(node *html.Node) string {
	var b strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			b.WriteString(inner.Data)
		}
	}
	return b.String()
}

// kept returns text as a form stores it: with normal line breaks, no space around it, and
// without invisible marks.
func kept(text string) string {
	without := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u202a", "", "\u202b", "", "\u202c", "",
		"\u202d", "", "\u202e", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\ufeff", "")
	return strings.TrimSpace(without.Replace(text))
}

// both runs test on a site on each database, and then checks that the rows from
// before are still there and unchanged.
func both(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	eachDatabase(t, func(t *testing.T, s *site) {
		witness := s.registered("witness")
		post := witness.write(postFields(), part{"file", "witness.txt", "", []byte("I saw it")})
		before := s.userNamed("witness")
		s.t = t
		test(t, s)
		after := s.userNamed("witness")
		if after != before {
			t.Errorf("the witness became %+v", after)
		}
		page := must(html.Parse(strings.NewReader(s.browser().get(post).Body.String())))(t)
		if !shown(page, "h1", "Harbour & <b>light</b>") {
			t.Error("the post of the witness is not what it was")
		}
		if got := s.browser().get(links(s.browser().get(post).Body.String(),
			`/files/[A-Z2-7]+/witness.txt`)[0]); got.Body.String() != "I saw it" {
			t.Errorf("the file of the witness is %d %q", got.Code, got.Body)
		}
		var admins, users int
		row := s.db.SQLPool().QueryRowContext(t.Context(), `SELECT COUNT(*), COUNT(CASE WHEN role <> 'user' THEN 1 END) FROM users`)
		if err := row.Scan(&users, &admins); err != nil || users < 1 || admins != 0 {
			t.Errorf("there are %d users, and %d of them are more than that: %v", users, admins, err)
		}
		if strings.Contains(s.log.String(), `"level":"ERROR"`) {
			t.Errorf("the log holds errors:\n%.3000s", errorsIn(s.log.String()))
		}
	})
}

func errorsIn(log string) (found string) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"level":"ERROR"`) {
			found += line
		}
	}
	return found
}
