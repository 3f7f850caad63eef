package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// From the first page to a copied link: at most three clicks, and no field is typed.
func TestQuickShare(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	file := filepath.Join(t.TempDir(), "minutes november.txt")
	if err := os.WriteFile(file, []byte("All agreed.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	for _, width := range []int64{1280, 390} {
		for _, js := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d px, scripts %v", width, js), func(t *testing.T) {
				b := newTab(t, browser, s, js)
				b.logIn("ann", password)
				b.do(chromedp.EmulateViewport(width, 844))
				b.open("/", 200)
				clicks, began := b.share(file)
				t.Logf("%d clicks, %v from the first page to the link", clicks, time.Since(began).Round(time.Millisecond))
				if clicks > 3 {
					t.Errorf("%d clicks, want at most 3", clicks)
				}
				b.wantText("h1", "minutes november.txt")
				b.wantCount(`.share-sheet img[src$="/qr.png"]`, 1)
				b.wantCount(`.share-sheet a[href^="mailto:"]`, 1)
				b.wantCount(`details:not([open]) #expires`, 1)
				b.checkNarrow()
				link, err := url.Parse(b.text("#share-link"))
				if err != nil {
					t.Fatal(err)
				}
				friend := newTab(t, browser, s, false)
				friend.do(chromedp.EmulateViewport(width, 844))
				friend.open(link.Path, 200)
				friend.wantText("h1", "minutes november.txt")
				friend.checkNarrow()
				download := eval[string](friend, `document.querySelector("a.button.big").getAttribute("href")`)
				if got := newClient(t, s).get(download, http.StatusOK); string(got.body) != "All agreed.\n" {
					t.Errorf("the friend gets %q", got.body)
				}
			})
		}
	}
	s.wantNoErrors()
}

// A form that comes back because of an option has its files and a button to send them: it does not send itself again.
func TestQuickShare_WithAMistake(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	b.open("/share", 200)
	b.do(click("main details summary"))
	b.fill("#expires", "soon")
	b.load(422, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{b.written("a.txt")}))
	})
	b.wantText("#files", "a.txt")
	b.fill("#expires", "7")
	b.submit("[data-upload-share] > .form-end button", 200)
	b.wantText("h1", "a.txt")
	b.wantCount("#share-link", 1)
	s.wantNoErrors()
}

// share shares a file from the form of the page, until the link is copied (or, without
// scripts, shown), and returns how many clicks that took.
func (b *tab) share(file string) (clicks int, began time.Time) {
	b.t.Helper()
	began = time.Now()
	clicks++ // on the drop zone, which opens the browser's own choice of files: a click beside it stands for it
	b.do(click(".site-foot p"))
	if !b.js {
		b.attach("[data-upload-share] #file", file)
		clicks++
		b.submit("[data-upload-share] button[type=submit]", 200)
		return clicks, began
	}
	b.arrive("/shares/", func() { b.attach("[data-upload-share] #file", file) })
	if b.text("button[data-copy]") != "Copied" { // the browser did not let the page copy by itself
		clicks++
		b.do(click("button[data-copy]"))
	}
	eventually(b.t, "the link is copied", func() bool { return b.text("button[data-copy]") == "Copied" })
	return clicks, began
}

// On every page, files that are dropped or pasted become a link.
func TestQuickShare_DropsAndPastesAnywhere(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	const files = `const t = new DataTransfer(); t.items.add(new File(["hello"], "note.txt", {type: "text/plain"}));`
	for name, script := range map[string]string{
		"drop": files + `window.dispatchEvent(new DragEvent("dragover", {dataTransfer: t, cancelable: true}));
			const shown = !document.querySelector(".drop-anywhere").hidden;
			window.dispatchEvent(new DragEvent("drop", {dataTransfer: t, cancelable: true})); return shown;`,
		"paste": files + `document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: t, cancelable: true})); return true;`,
	} {
		for _, page := range []string{"/settings/profile", "/"} {
			b.open(page, 200)
			b.do(click(".site-foot p")) // a person has used the page
			b.arrive("/shares/", func() {
				if !eval[bool](b, `(() => {`+script+`})()`) {
					t.Errorf("a %s at %s shows no place to drop", name, page)
				}
			})
			b.wantText("h1", "note.txt")
		}
	}
	b.open("/posts/new", 200)
	eval[bool](b, `(() => {`+files+`document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: t, cancelable: true}));
		return true;})()`)
	b.wantCount(`form[action="/posts"] [data-upload-rows] > li`, 1)
	s.wantNoErrors()
}
