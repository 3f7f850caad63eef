package e2e_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A second comment exceeds the limit. Its text is preserved and can be sent again.
func TestRateLimit_PreservesTheForm(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "LIMITS=comment=1-M")
	browser := startBrowser(t)
	for name, js := range map[string]bool{"with JavaScript": true, "without JavaScript": false} {
		t.Run(name, func(t *testing.T) {
			b := newTab(t, browser, s, js)
			b.open("/register", 200)
			b.fill("#username", map[bool]string{true: "ann_script", false: "ann_plain"}[js])
			b.fill("#email", "ann@example.org")
			b.fill("#password", password)
			b.submit("main form button[type=submit]", 200)
			b.open("/posts/new", 200)
			b.fill("#title", "Harbour")
			b.fill("#content", "Three gulls.")
			b.submit(postButton, 200)
			b.fill("#body", "The first.")
			b.submit(".comment-form button[type=submit]", 200)
			const second = "The second, with <b>care</b> & \"quotes\".\n\nIt took a while to write."
			b.fill("#body", second)
			b.submit(".comment-form button[type=submit]", 429)
			b.wantPreserved(second)
			for _, scheme := range []string{"light", "dark"} {
				b.shootTooOften(scheme)
			}
			b.checkNarrow()
		})
	}
	s.wantNoErrors()
}

var aWait = regexp.MustCompile(`^You can try again in \d+ seconds?\.$`)

// wantPreserved requires the page to show the waiting time and the text that was typed. A
// script disables the button until then.
func (b *tab) wantPreserved(text string) {
	b.t.Helper()
	if got := b.text("[data-wait]"); !aWait.MatchString(got) {
		b.t.Errorf("the page says %q of the wait", got)
	}
	if got := b.value("main textarea[name=body]"); got != text {
		b.t.Errorf("the comment came back as %q", got)
	}
	b.wantText("main form button[type=submit]", "Send again")
	if disabled := eval[bool](b, `document.querySelector("main form button[type=submit]").disabled`); disabled != b.js {
		b.t.Errorf("the button is held back: %v, want %v", disabled, b.js)
	}
	if !b.js {
		b.submit("main form button[type=submit]", 429) // still limited, and nothing is lost
		if got := b.value("main textarea[name=body]"); got != text {
			b.t.Errorf("the second time the comment came back as %q", got)
		}
	}
}

// shootTooOften takes screenshots if -screenshots is set.
func (b *tab) shootTooOften(scheme string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	script := map[bool]string{true: "script", false: "plain"}[b.js]
	for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.shot(filepath.Join(*screenshots, "too-often-"+scheme+"-"+name+"-"+script+".png"))
	}
}
