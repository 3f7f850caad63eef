package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The files page as a place to work: search, sort, rename, select and delete; with a keyboard,
// and without scripts.
func TestFilesPage(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	browser := startBrowser(t)
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", js), func(t *testing.T) {
			name := fmt.Sprintf("user_%v", js)
			newUser(t, s, name)
			b := newTab(t, browser, s, js)
			b.logIn(name, password)
			b.uploadFiles("a minutes.txt", "b plan.csv", "c list.txt", "d letter.txt", "e notes.txt")
			b.wantCount(".file-list > li", 5)

			b.fill("#q", "PLAN")
			b.press(kb.Enter, 200)
			b.wantText(".file-list", "b plan.csv")
			b.wantCount(".file-list > li", 1)
			b.fill("#q", "nowhere")
			b.press(kb.Enter, 200)
			b.wantText(".empty", "contains “nowhere”")
			b.submit(".empty a", 200)
			b.submit(".sorts li:first-child a", 200)
			b.wantText(".sorts [aria-current]", "Name, A to Z")
			b.wantText(".file-list > li:first-child", "a minutes.txt")

			b.do(click(".file-list > li:first-child summary"))
			b.submit(`.file-list > li:first-child a[href$="/edit"]`, 200)
			b.fill("#name", "x.exe")
			b.press(kb.Enter, 422)
			b.wantText("#name-problem", "Keep “.txt” at the end")
			b.fill("#name", "A protocol")
			b.press(kb.Enter, 200)
			b.wantText(".notice", "File renamed.")
			b.wantText(".file-list", "A protocol.txt")

			b.open("/files?sort=name", 200)
			if js {
				b.selectByKeys()
			} else {
				for _, nth := range []string{"1", "2", "3"} {
					b.do(click(".file-list > li:nth-child(" + nth + ") input"))
				}
			}
			b.confirmSelection(3)
			b.wantText(".notice", "Files deleted.")
			b.wantCount(".file-list > li", 2)
			b.wantText(".file-list", "e notes.txt")
		})
	}
	s.wantNoErrors()
}

// Files that are uploaded become one line, so that a file that failed is seen, and the list of
// the page that follows has them all.
func TestFilesPage_CountsUploadedFilesInOneLine(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "TIERS=free.file=1KiB")
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	b.uploadFiles("a.txt", "b.txt")
	b.wantText(".toast", "2 files uploaded.")
	b.wantCount(".file-list > li", 2)
	large := b.written("d.txt")
	if err := os.Truncate(large, 2000); err != nil {
		t.Fatal(err)
	}
	b.attach("#file", b.written("c.txt"), large, b.written("e.txt"))
	b.wantSoon(".uploads > .failed", 1)
	eventually(t, "two files are uploaded", func() bool { return strings.Contains(b.text(".uploads > .done"), "2 files uploaded") })
	b.wantCount(".uploads > li", 2)
	b.submit(".uploads > .done a", 200)
	b.wantCount(".file-list > li", 4)
	s.wantNoErrors()
}

// After a question that an entry of a menu asked, the focus is at that entry.
func TestFilesPage_KeepsTheFocusAfterAQuestion(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	b.uploadFiles("a.txt")
	for _, answer := range []chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Escape), click("dialog.ask button:not(.danger)")} {
		b.do(click(".file-list .more summary"), click(".file-list button[formaction$='/delete']"))
		b.wantText("dialog.ask", "Delete a.txt?")
		b.do(answer)
		eventually(t, "the question is gone", func() bool { return b.count("dialog") == 0 })
		if got := eval[string](b, `document.activeElement.textContent`); got != "Delete" {
			t.Errorf("the focus is at %q", got)
		}
		b.do(chromedp.KeyEvent(kb.Escape))
		b.wantCount(".file-list .more[open]", 0)
	}
	s.wantNoErrors()
}

// uploadFiles uploads new files of these names on the files page.
func (b *tab) uploadFiles(names ...string) {
	b.t.Helper()
	dir := b.t.TempDir()
	var paths []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("content of "+name+"\n"), 0o600); err != nil {
			b.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	b.open("/files", 200)
	if b.js { // the page loads the list again when the last file is there
		b.load(200, func(ctx context.Context) (*network.Response, error) {
			return chromedp.RunResponse(ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), paths))
		})
		return
	}
	b.attach("#file", paths...)
	b.submit("[data-upload-button]", 200)
}

// selectByKeys selects the first three files of the list: the first by the space bar, after
// one and all were unselected by keys, and the others with it by a click with Shift.
func (b *tab) selectByKeys() {
	b.t.Helper()
	b.wantCount("[data-selection-bar][hidden]", 1)
	b.do(click(".pick-all input"))
	b.wantText("[data-selection-count]", "5 files selected")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wantCount("[data-selection-bar][hidden]", 1)
	b.do(chromedp.Focus(chromedp.CSS(".file-list > li:first-child input")), chromedp.KeyEvent(" "))
	b.wantText("[data-selection-count]", "1 file selected")
	b.do(chromedp.KeyEvent(kb.Enter)) // sends nothing
	eval[bool](b, `document.querySelector(".file-list > li:nth-child(3) input")
		.dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }))`)
	b.wantText("[data-selection-count]", "3 files selected")
}

// confirmSelection deletes the selected files, and says yes to the question.
func (b *tab) confirmSelection(n int) {
	b.t.Helper()
	const remove = "[data-selection-delete]"
	if b.js {
		b.do(click(remove))
		b.wantText("dialog.ask", fmt.Sprintf("Delete %d files?", n))
		b.submit("dialog.ask[open] button.danger", 200)
		return
	}
	b.submit(remove, 200)
	b.wantText("main", fmt.Sprintf("Delete %d files?", n))
	b.submit("main button.danger", 200)
}
