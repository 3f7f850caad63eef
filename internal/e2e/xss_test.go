package e2e_test

import (
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// scripts are attacks that would run if any of them were interpreted as more than text. Each
// sets the canary or opens a dialog.
var scripts = []string{
	`<script>window.__xss=1;alert(1)</script>`, `<ScRiPt src=data:,window.__xss=1></sCrIpT>`, `"><script>window.__xss=1</script>`,
	`'-alert(1)-'`,
	`</title></textarea></script><script>window.__xss=1</script>`, `--><img src=x onerror=window.__xss=1>`, `]]><img src=x onerror=alert(1)>`,
	`<img src=x onerror="window.__xss=1">`, "<img/src=`x`onerror=alert(1)>", `<svg onload=window.__xss=1>`,
	`<svg><animate onbegin=alert(1) attributeName=x dur=1s>`,
	`<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a></svg>`, `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><annotation-xml encoding="text/html"><script>window.__xss=1</script></annotation-xml></math>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<details open ontoggle=alert(1)>x</details>`, `<input autofocus onfocus=alert(1)>`, `<body onload=alert(1)>`,
	`<video><source onerror=alert(1)></video>`,
	`<marquee onstart=alert(1)>x</marquee>`, `<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>`,
	`<object data="data:text/html,<script>alert(1)</script>">`,
	`<embed src="javascript:alert(1)">`, `<base href="https://evil.example/">`,
	`<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<form action="javascript:alert(1)"><button>x</button></form>`, `<a href="javascript:window.__xss=1">x</a>`,
	"<a href=\"java\tscript:alert(1)\">x</a>",
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`, `[x](javascript:window.__xss=1)`,
	`[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
	`[x](<javascript:alert(1)>)`, `[x]: javascript:alert(1)`, `![x](x"onerror="window.__xss=1)`, `<javascript:alert(1)>`,
	`[x](&#106;avascript:alert(1))`, `[x](vbscript:x)`,
	`" onmouseover="alert(1)" autofocus onfocus="window.__xss=1`, `' onfocus='alert(1)' x='`,
	`x" style="animation:x" onanimationstart="alert(1)`,
	`<style>@import "data:,*{x:expression(alert(1))}"</style>`, `<div style="background:url(javascript:alert(1))">x</div>`,
	`<link rel=stylesheet href=//evil.example/x.css>`,
	`{{constructor.constructor('window.__xss=1')()}}`, `${alert(1)}`, `<%= alert(1) %>`, "`+alert(1)+`",
	`\u003cscript\u003ealert(1)\u003c/script\u003e`, `javascript:alert(1)//`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`, `＜script＞alert(1)＜/script＞`,
	`<x onclick=alert(1) contenteditable id=location name=cookie>x</x>`, `<form id=__xss><input name=body></form>`,
}

// TestScripts_NeverRun enters scripts wherever text can be entered, and opens every page that
// shows them. The browser must find nothing to run, and its policy nothing to block.
func TestScripts_NeverRun(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "UPLOAD_TYPES=*")
	ann := newUser(t, s, "ann")
	pages := ann.plantScripts()
	browser := startBrowser(t)
	guest, owner := newTab(t, browser, s, true), newTab(t, browser, s, true)
	owner.logIn("ann", password)
	guest.watchDialogs()
	owner.watchDialogs()
	for i, script := range scripts {
		guest.openCalm(pages[i])
		owner.openCalm(pages[i] + "/edit")
		if i%3 == 0 {
			guest.openCalm("/search?q=" + url.QueryEscape(script))
			if got := guest.value("#site-search"); got != script {
				t.Errorf("the search says %q, want %q", got, script)
			}
		}
	}
	for _, path := range pages[len(scripts):] {
		guest.openCalm(path)
	}
	owner.openCalm(pages[0])
	for _, path := range []string{"/settings/profile", "/settings/tokens", "/files", "/posts/deleted", "/settings/sessions"} {
		owner.openCalm(path)
	}
	owner.open("/files", http.StatusOK)
	for i, script := range fileNames() {
		if i < 40 { // the first page shows the newest
			owner.wantText("main", script)
		}
	}
	owner.open("/settings/tokens", http.StatusOK)
	for _, script := range scripts {
		if len([]rune(script)) <= 50 && !strings.Contains(script, "\t") {
			owner.wantText("main", script)
		}
	}
	guest.open("/users/ann", http.StatusOK)
	guest.wantText(".bio", scripts[0])
	s.wantNoErrors()
}

// plantScripts submits all scripts, and returns the pages that show them.
func (c *client) plantScripts() (pages []string) {
	c.t.Helper()
	bio := ""
	for _, script := range scripts {
		if !strings.ContainsAny(script, "\t") && len(bio)+len(script) < 480 {
			bio += script + " "
		}
		if len([]rune(script)) <= 50 && !strings.Contains(script, "\t") {
			c.post("/settings/tokens", url.Values{"name": {script}, "scope": {"read", "write", "upload"}}, http.StatusCreated)
		}
		title := strings.ReplaceAll(script, "\t", " ")
		post := c.sendPost(url.Values{"title": {title}, "content": {script + "\n\n- " + script}, "visibility": {"public"}, "everyone": {"yes"},
			"tags": {"onerror javascript"}})
		c.post(post+"/comments", url.Values{"body": {script + "\n\n> " + script}}, http.StatusSeeOther)
		pages = append(pages, post)
	}
	c.post("/settings/profile", url.Values{"email": {"ann@example.org"}, "bio": {bio},
		"website": {`https://example.org/"onmouseover=alert(1)//<script>`}}, http.StatusSeeOther)
	for _, name := range fileNames() {
		c.mustUpload(name, []byte(scripts[0]))
	}
	return append(pages, "/", "/users/ann", "/tags/onerror", "/search?q=script", "/login?next="+url.QueryEscape(`"><script>alert(1)</script>`))
}

// fileNames returns the scripts that are valid file names.
func fileNames() (names []string) {
	for _, script := range scripts {
		if !strings.ContainsAny(script, "/\\\t") {
			names = append(names, script)
		}
	}
	return names
}

// watchDialogs treats a dialog as an error of the page.
func (b *tab) watchDialogs() {
	b.t.Helper()
	err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*page.EventJavascriptDialogOpening); ok {
			b.complain("a dialog opened: %s", e.Message)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// openCalm opens a page that shows scripts. None must have run, and no element must be able to.
func (b *tab) openCalm(path string) {
	b.t.Helper()
	b.open(path, http.StatusOK)
	wrong := eval[[]string](b, `[window.__xss !== undefined ? "the canary" : "",
		...[...document.querySelectorAll("*")].flatMap(e => [
			["SCRIPT", "STYLE", "IFRAME", "OBJECT", "EMBED", "BASE", "X", "MATH"].includes(e.tagName) &&
				!e.src?.startsWith(location.origin + "/static/") && !e.matches("iframe.preview-frame[src^='/files/']") ? e.outerHTML : "",
			...[...e.attributes].map(a => /^on|^style$|^srcdoc$/.test(a.name) || /^(href|src|action)$/.test(a.name) &&
				/^\s*(javascript|data|vbscript):/i.test(a.value) ? e.outerHTML : "")])
	].filter(Boolean)`)
	for _, found := range wrong {
		b.t.Errorf("%s: %.300s", path, found)
	}
}

// sendPost creates a post without files and returns its path.
func (c *client) sendPost(fields url.Values) string {
	c.t.Helper()
	var body strings.Builder
	form := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, value := range values {
			if err := form.WriteField(name, value); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.site.url+"/posts", strings.NewReader(body.String()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	post, _, _ := strings.Cut(c.want(req, http.StatusSeeOther).header.Get("Location"), "?")
	return post
}
