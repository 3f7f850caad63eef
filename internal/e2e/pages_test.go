package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPublicPages tries what scripts and styles add to the pages of posts: cards that are links
// as a whole, times in words, the gallery, and the keys of the page.
func TestPublicPages(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	if out, code := run(t, s.command("seed"), ""); code != 0 {
		t.Fatalf("seed: %s", out)
	}
	wantDemo(t, s)
	b := newTab(t, startBrowser(t), s, true)
	b.open("/", 200)
	post := eval[string](b, `document.querySelector(".ticket:has(.ticket-picture) h2 a").getAttribute("href")`)
	for _, width := range []int64{1280, 390} {
		b.do(chromedp.EmulateViewport(width, 900))
		for part, want := range map[string]string{".ticket-picture img": post, "time": post, ".ticket-body > p": post, "h2 a": post,
			".talk": post + "#comments", ".person": "/users/ines", ".tags a": "/tags/posters"} {
			if got := b.linkAt(".ticket:has(.ticket-picture) " + part); got != want {
				t.Errorf("at %d pixels %s leads to %q, want %q", width, part, got, want)
			}
		}
	}
	b.wantText(".ticket time", "just now")
	title := eval[string](b, `(place => {
		place.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
		return place.title;
	})(document.querySelector(".ticket time"))`)
	if len(title) < len("1 Nov 2026, 10:00 (1 Nov 2026, 10:00 UTC)") {
		t.Errorf("the time has the tooltip %q", title)
	}
	b.open("/search?q=dunes", 200)
	b.submit(".tickets h2 a", 200)
	b.gallery("dunes.jpg")
	b.keys()
	b.theme()
	newTab(t, startBrowser(t), s, false).theme()
}

// theme switches to dark pages and back.
func (b *tab) theme() {
	b.t.Helper()
	ground := func() string {
		b.t.Helper()
		return eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`)
	}
	b.open("/search", 200)
	light := ground()
	press := func(theme string) {
		b.t.Helper()
		if selector := ".theme [value=" + theme + "]"; b.js {
			b.do(click(selector))
			eventually(b.t, "the cookie is set", func() bool {
				return len(call(b, network.GetCookies, network.GetCookiesParams{}).Cookies) > 0 == (theme != "system")
			})
		} else {
			b.submit(selector, 200)
		}
	}
	press("dark")
	dark := ground()
	b.open("/", 200)
	if got := ground(); dark == light || got != dark {
		b.t.Errorf("the pages are %s before and %s after the switch to dark, and the next page is %s", light, dark, got)
	}
	press("system")
	b.open("/search", 200)
	if got := ground(); got != light {
		b.t.Errorf("after the switch back the pages are %s, want %s", got, light)
	}
}

// linkAt returns where a click on the middle of an element leads.
func (b *tab) linkAt(selector string) string {
	b.t.Helper()
	return eval[string](b, `(e => {
		e.scrollIntoView({ block: "center", behavior: "instant" });
		const { x, y, width, height } = e.getBoundingClientRect();
		return document.elementFromPoint(x + width / 2, y + height / 2)?.closest("a")?.getAttribute("href") ?? "";
	})(document.querySelector(`+quote(selector)+`))`)
}

// gallery goes through the three images of a page by keys, by swipes and with the Back button.
// The name is that of the first.
func (b *tab) gallery(name string) {
	b.t.Helper()
	path := b.path()
	shows := func(want string) {
		b.t.Helper()
		b.wantText(".viewer p", want)
	}
	b.do(click(".gallery a"))
	shows(name + " (1 of 3)")
	if got := eval[string](b, `document.querySelector(".viewer-bar a:last-child").href`); !strings.Contains(got, "/"+name) {
		b.t.Errorf("Download in the dialog leads to %s", got)
	}
	b.check()
	if eval[bool](b, `document.documentElement.clientWidth < innerWidth`) {
		b.t.Error("the page behind the dialog has a scroll bar")
	}
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, `document.activeElement.textContent`); got != "Close" {
		b.t.Errorf("after the image, Tab leads to %q, want Close", got)
	}
	b.do(chromedp.KeyEvent("z"))
	b.wantCount(".viewer.zoomed", 1)
	b.do(chromedp.KeyEvent("z"))
	b.wantCount(".viewer.zoomed", 0)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	shows("(2 of 3)")
	b.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft))
	shows("(3 of 3)")
	for _, point := range []input.DispatchTouchEventParams{
		{Type: "touchStart", TouchPoints: []*input.TouchPoint{{X: 300, Y: 300}}},
		{Type: "touchMove", TouchPoints: []*input.TouchPoint{{X: 100, Y: 310}}},
		{Type: "touchEnd", TouchPoints: []*input.TouchPoint{}},
	} {
		call(b, input.DispatchTouchEvent, point)
	}
	shows("(1 of 3)")
	b.do(chromedp.KeyEvent("+"))
	b.wantCount(".viewer.zoomed", 1)
	b.do(chromedp.KeyEvent("-"))
	b.wantCount(".viewer.zoomed", 0)
	b.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.Escape))
	eventually(b.t, "the dialog is closed", func() bool { return b.count("dialog") == 0 })
	if !eval[bool](b, `document.activeElement === document.querySelector(".gallery li:last-child a")`) {
		b.t.Error("after the dialog the image that it showed last has no focus")
	}
	eventually(b.t, "the entry of the dialog is out of the history", func() bool { return eval[bool](b, `history.state === null`) })
	b.do(click(".gallery a"))
	b.wantCount("dialog[open]", 1)
	eval[bool](b, `history.back(), true`)
	eventually(b.t, "the Back button closes the dialog", func() bool { return b.count("dialog") == 0 })
	if got := b.path(); got != path {
		b.t.Errorf("the Back button led to %s, want %s", got, path)
	}
}

// keys tries the keys of the page, which do nothing in a field and when they are turned off.
func (b *tab) keys() {
	b.t.Helper()
	b.do(chromedp.KeyEvent("/"))
	if got := eval[string](b, `document.activeElement.id`); got != "site-search" {
		b.t.Errorf("/ leads to %q, want the search", got)
	}
	b.do(chromedp.KeyEvent("?"))
	b.wantCount("dialog", 0)
	if got := b.value("#site-search"); !strings.HasSuffix(got, "?") {
		b.t.Errorf("the search holds %q after a question mark was typed into it", got)
	}
	eval[bool](b, `document.activeElement.blur(), true`)
	b.do(chromedp.KeyEvent("?"))
	b.wantText("dialog h2", "Keyboard shortcuts")
	b.check()
	b.do(click("dialog input[type=checkbox]"), chromedp.KeyEvent(kb.Escape))
	eventually(b.t, "Escape closes the dialog", func() bool { return b.count("dialog") == 0 })
	b.do(chromedp.KeyEvent("/"))
	if got := eval[string](b, `document.activeElement.id`); got == "site-search" {
		b.t.Error("/ still leads to the search after the keys were turned off")
	}
}
