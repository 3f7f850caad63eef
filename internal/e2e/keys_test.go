package e2e_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A gallery works on the page of a link as on a post. The key u chooses files to share, and c
// copies the link of what the page or the row with the focus is about, or says why there is none.
func TestKeys_OnSharesAndFiles(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	dir := t.TempDir()
	var images []string
	for i, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
		images = append(images, filepath.Join(dir, name))
		if err := os.WriteFile(images[i], photo(t, 400, 300, uint8(i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	browser := startBrowser(t)
	b := newTab(t, browser, s, true)
	b.logIn("ann", password)
	b.keyU()
	b.open("/", 200)
	b.do(click(".site-foot p")) // a person has used the page
	b.arrive("/shares/", func() { b.attach("[data-upload-share] #file", images...) })
	address := b.text("#share-link")
	copied := b.keepCopies()
	b.says("c", "Link copied.")
	if got := copied(); got != address {
		t.Errorf("c copies %q, want %q", got, address)
	}

	link, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	friend := newTab(t, browser, s, true)
	eventually(t, "the images are shown", func() bool {
		friend.open(link.Path, 200)
		return friend.count(".gallery img") == 3
	})
	friend.gallery("a.jpg")
	copied = friend.keepCopies()
	friend.says("c", "Link copied.")
	if got := copied(); got != s.url+link.Path {
		t.Errorf("on the page of the link, c copies %q, want %q", got, s.url+link.Path)
	}
	b.copiesOnFiles(address)
	s.wantNoErrors()
}

// keyU presses u on pages with and without a place to drop files: the browser asks for files.
func (b *tab) keyU() {
	b.t.Helper()
	for _, path := range []string{"/settings/profile", "/", "/files"} {
		b.open(path, 200)
		eval[bool](b, `(window.chosen = 0, HTMLInputElement.prototype.click = function () { window.chosen += this.type === "file"; }, true)`)
		b.do(chromedp.KeyEvent("u"))
		if got := eval[int](b, `window.chosen`); got != 1 {
			b.t.Errorf("at %s, u asks %d times for files, want once", path, got)
		}
	}
}

// copiesOnFiles presses c on the list of files and on the preview of one, with and without links.
func (b *tab) copiesOnFiles(link string) {
	b.t.Helper()
	b.open("/files", 200)
	b.says("c", "Move to one of the links first, then press c.")
	copied := b.keepCopies()
	b.do(chromedp.Focus(chromedp.CSS(".file-list > li:first-child .file-name")))
	b.says("c", "Link copied.")
	if got := copied(); got != link {
		b.t.Errorf("on a row, c copies %q, want %q", got, link)
	}
	b.submit(".file-list > li:first-child .file-name", 200)
	b.wantCount(".preview-actions form[action='/shares']", 1)
	b.wantCount(".preview-actions a[href$='/edit']", 1)
	b.wantCount(".preview-actions a[href$='/original']", 1)
	copied = b.keepCopies()
	b.says("c", "Link copied.")
	if got := copied(); got != link {
		b.t.Errorf("on a preview, c copies %q, want %q", got, link)
	}
	preview := b.path()
	b.open("/shares", 200)
	b.confirm(".rows form button", 200)
	b.open(preview, 200)
	b.says("c", "Only you can open this. Choose Share to get a link.")
	b.open("/settings/profile", 200)
	b.says("c", "There is no link to copy here.")
	b.check()
	b.do(chromedp.KeyEvent(kb.Escape))
}

// says presses a key and requires that the page says these words.
func (b *tab) says(key, want string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key))
	eventually(b.t, key+" on "+b.path()+" says "+want, func() bool {
		return eval[string](b, `document.querySelector(".toast[role=status]:not([hidden])")?.textContent ?? ""`) == want
	})
}

// keepCopies keeps what the page copies, and returns a function that reads it.
func (b *tab) keepCopies() func() string {
	eval[bool](b, `(navigator.clipboard.writeText = async (text) => { window.copied = text; }, true)`)
	return func() string { return eval[string](b, `window.copied ?? ""`) }
}

// Files of one selection wait for the limit instead of being refused by it.
func TestUploads_OfOneSelectionAreNotRefused(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	dir := t.TempDir()
	files := make([]string, 10)
	for i := range files {
		files[i] = filepath.Join(dir, string(rune('a'+i))+".txt")
		if err := os.WriteFile(files[i], []byte{byte('a' + i)}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	b.open("/posts/new", 200)
	b.attach("#file", files...)
	eventually(t, "all are uploaded", func() bool { return b.count(".uploads .done") == len(files) })
	if got := eval[int](b, `performance.getEntriesByType("resource").filter((e) => e.responseStatus === 429).length`); got != 0 {
		t.Errorf("%d requests were refused", got)
	}
	b.check()
}

// The footer lists the keys where there can be a keyboard: not on a screen that is only touched.
func TestKeys_AreNotForTouchAlone(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	b := newTab(t, startBrowser(t), s, true)
	b.open("/login", 200)
	b.wantCount("[data-keys-item]:not([hidden])", 1)
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.open("/login", 200)
	b.wantCount("[data-keys-item]:not([hidden])", 0)
	s.wantNoErrors()
}
