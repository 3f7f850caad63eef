package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("at %s: %v", b.path(), err)
	}
}

// eval evaluates an expression in the page. The protocol can do so even where the page cannot
// run scripts. If the page goes away meanwhile, it is evaluated in the next one.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		result, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		if err == nil {
			return result
		}
		if !pageIsGone(err) {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// pageIsGone tells if an expression was not evaluated because the tab went to another page.
func pageIsGone(err error) bool {
	var failed *cdproto.Error
	if !errors.As(err, &failed) || failed.Code != -32000 {
		return false
	}
	for _, cause := range []string{
		"navigated or closed", "context was destroyed", "Cannot find context", "Cannot find default execution context",
	} {
		if strings.Contains(failed.Message, cause) {
			return true
		}
	}
	return false
}

// load navigates to another page, waits for it, and checks what every page must fulfil.
func (b *tab) load(status int, visit func(ctx context.Context) (*network.Response, error)) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	from := b.path()
	resp, err := visit(ctx)
	if err != nil {
		b.t.Fatalf("loading a page from %s: %v", from, err)
	}
	if resp == nil {
		b.t.Fatalf("no page was loaded from %s", from)
	}
	if int(resp.Status) != status {
		b.t.Fatalf("%s: status %d, want %d\n%s", resp.URL, resp.Status, status, b.text("main"))
	}
	b.check()
}

// open opens a path of the site.
func (b *tab) open(path string, status int) {
	b.t.Helper()
	b.load(status, func(ctx context.Context) (*network.Response, error) {
		return chromedp.Run(ctx, chromedp.NavigateResponse(b.site.url+path))
	})
}

// fill replaces the content of a field, like a person who types.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)))
	eval[bool](b, `document.activeElement.select(), true`)
	if text == "" {
		b.do(chromedp.KeyEvent("\b"))
		return
	}
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)
}

// submit clicks an element that leads to another page.
func (b *tab) submit(selector string, status int) {
	b.t.Helper()
	b.load(status, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, click(selector))
	})
}

// press presses a key that leads to another page.
func (b *tab) press(key string, status int) {
	b.t.Helper()
	b.load(status, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.KeyEvent(key))
	})
}

// confirm submits a form for which scripts show a confirmation dialog.
func (b *tab) confirm(selector string, status int) {
	b.t.Helper()
	if !b.js {
		b.submit(selector, status)
		return
	}
	b.do(click(selector))
	b.submit("dialog.ask[open] button.danger", status)
}

// attach selects files for an upload field.
func (b *tab) attach(selector string, paths ...string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

func (b *tab) count(selector string) int {
	b.t.Helper()
	return eval[int](b, `document.querySelectorAll(`+quote(selector)+`).length`)
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, `[...document.querySelectorAll(`+quote(selector)+`)].map(e => e.innerText.trim()).join("\n")`)
}

func (b *tab) value(selector string) string {
	b.t.Helper()
	return eval[string](b, `document.querySelector(`+quote(selector)+`).value`)
}

func (b *tab) path() string {
	b.t.Helper()
	address, err := url.Parse(eval[string](b, `location.href`))
	if err != nil {
		b.t.Fatal(err)
	}
	return address.Path
}

// wantText requires the text of the selected element to contain want.
func (b *tab) wantText(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Errorf("%s at %s says %q, want %q in it", selector, b.path(), got, want)
	}
}

func (b *tab) wantCount(selector string, want int) {
	b.t.Helper()
	if got := b.count(selector); got != want {
		b.t.Errorf("%d of %s at %s, want %d\n%s", got, selector, b.path(), want, b.text("main"))
	}
}

// wantImages requires this number of images, all of them loaded.
func (b *tab) wantImages(selector string, want int) {
	b.t.Helper()
	b.wantCount(selector, want)
	eval[bool](b, `document.querySelectorAll(`+quote(selector)+`).forEach(e => e.loading = "eager"), true`)
	eventually(b.t, "the pictures "+selector+" are drawn", func() bool {
		return eval[bool](b, `[...document.querySelectorAll(`+quote(selector)+`)].every(e => e.complete && e.naturalWidth > 0)`)
	})
}

// client returns a program with the cookies of the tab.
func (b *tab) client(t *testing.T) *client {
	t.Helper()
	c := newClient(t, b.site)
	address, err := url.Parse(b.site.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range call(b, network.GetCookies, network.GetCookiesParams{}).Cookies {
		c.http.Jar.SetCookies(address, []*http.Cookie{{Name: cookie.Name, Value: cookie.Value}})
	}
	return c
}

// quote returns s as a JavaScript string.
func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "\\`") + "`" }
