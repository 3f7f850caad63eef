package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// slow limits the upload speed of the tab; 0 removes the limit.
func (b *tab) slow(bytesPerSecond float64) {
	b.t.Helper()
	if bytesPerSecond == 0 {
		bytesPerSecond = -1
	}
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: bytesPerSecond}},
	})
}

// Uploads by the form's script show their progress and can be cancelled without residue, and
// the form waits for those in progress.
func TestTransfer(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	dir := t.TempDir()
	large, small := filepath.Join(dir, "large.gz"), filepath.Join(dir, "small.txt")
	for path, content := range map[string][]byte{large: incompressible(8<<20, 1), small: []byte("A few words.\n")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.slow(400_000)
	b.open("/posts/new", 200)
	b.attach("#file", large)
	b.awaitProgress()
	// The browser counts what it has given to its network, before the site has it.
	eventually(t, "the store has what came so far", func() bool { return len(blobs(t, s.place.bytes)) == 1 })
	b.do(click("[data-upload-rows] li button:not([hidden])"))
	b.wantCount("[data-upload-rows] li", 0)
	eventually(t, "nothing is left of it", func() bool { return len(blobs(t, s.place.bytes)) == 0 })

	b.attach("#file", large, small)
	b.awaitProgress()
	b.fill("#title", "Sent before its files")
	b.fill("#content", "They follow.")
	b.do(click(postButton))
	b.wantText("[data-upload-status]", "when its files are uploaded")
	if got := b.path(); got != "/posts/new" {
		t.Errorf("the form did not wait: it is at %s", got)
	}
	b.arrive("/posts/", func() { b.slow(0) })
	b.wantText("h1", "Sent before its files")
	b.wantText("#files", "2 files")

	b.open("/files", 200)
	b.wantCount(".file-rows:not(.uploads) > li", 2)
	b.do(click(`.file-list > li:first-child details summary`))
	b.confirm(`.file-list > li:first-child button[formaction$="/delete"]`, 200)
	b.wantCount(".file-rows:not(.uploads) > li", 1)
	s.wantNoErrors()
}

// awaitProgress waits until an upload is in progress.
func (b *tab) awaitProgress() {
	b.t.Helper()
	eventually(b.t, "the row shows how far it is", func() bool {
		return eval[bool](b, `[...document.querySelectorAll("[data-upload-rows] progress")].some(p => p.value > 0 && p.value < 1)`)
	})
	eventually(b.t, "it tells speed and time left", func() bool {
		return eval[bool](b, `[...document.querySelectorAll(".upload-note")].some(e => / of 8 MiB · .*\/s · .* left/.test(e.textContent))`)
	})
	b.check()
}

// arrive waits until the page has navigated to another by itself.
func (b *tab) arrive(prefix string, start func()) {
	b.t.Helper()
	start()
	eventually(b.t, "it goes to "+prefix+"…", func() bool {
		return eval[bool](b, `location.pathname.startsWith(`+quote(prefix)+`) &&
			location.pathname !== "/posts/new" && document.readyState === "complete"`)
	})
	b.check()
}
