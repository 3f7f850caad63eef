package e2e_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var docsScreenshots = flag.String("docs-screenshots", "",
	"the directory to which TestDocsScreenshots writes the screenshots of the documents")

// maxDocsScreenshot is the maximum size of a screenshot in the repository, in bytes.
const maxDocsScreenshot = 200 << 10

// TestDocsScreenshots takes the screenshots in README.md and docs/, on a site with demo data.
// `make screenshots` runs it; without the flag it is skipped.
func TestDocsScreenshots(t *testing.T) {
	if *docsScreenshots == "" {
		return
	}
	if err := os.MkdirAll(*docsScreenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startSite(t, sqliteAndDisk(t))
	if out, code := run(t, s.command("seed"), ""); code != 0 {
		t.Fatalf("seed: %s", out)
	}
	wantDemo(t, s)
	newAdmin(t, s)
	browser := startBrowser(t)

	user := newTab(t, browser, s, true)
	user.logIn("ines", "cloakroom for a look round")
	user.docsShot("/", "feed", "light", 1120, 760)
	user.docsShot("/", "feed-dark", "dark", 1120, 760)
	user.docsShot("/files", "files", "light", 1120, 760)
	user.open("/tags/coast", 200)
	user.submit(".ticket h2 a", 200)
	post := user.path()
	user.docsShot(post, "post", "light", 1120, 760)
	user.docsShot(post, "post-phone", "light", 390, 844)

	admin := newTab(t, browser, s, true)
	admin.logIn("boss", password)
	admin.docsShot("/admin", "admin", "light", 1120, 760)
}

// docsShot opens a page and writes a screenshot of a window of this size.
func (b *tab) docsShot(path, name, scheme string, width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	b.open(path, 200)
	eval[bool](b, `document.querySelectorAll("img").forEach(e => e.loading = "eager"), true`)
	eventually(b.t, "the images are drawn", func() bool { return eval[bool](b, `[...document.images].every(e => e.complete)`) })
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if len(image) > maxDocsScreenshot {
		b.t.Errorf("%s has %d bytes, more than %d", name, len(image), maxDocsScreenshot)
	}
	if err := os.WriteFile(filepath.Join(*docsScreenshots, name+".png"), image, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
