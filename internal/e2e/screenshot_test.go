package e2e_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "",
	"the directory in which TestScreenshots leaves pictures of the pages, for people to look at")

// TestScreenshots takes screenshots of the pages in light and dark mode, at desktop and phone
// size, for people to inspect. It is skipped unless -screenshots names a directory.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startSite(t, sqliteAndDisk(t), "LIMITS=login=1000-M,login-account=1000-M") // the others have their defaults
	if out, code := run(t, s.command("seed"), ""); code != 0 {
		t.Fatalf("seed: %s", out)
	}
	wantDemo(t, s)
	newAdmin(t, s)
	browser := startBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
			shoot(newTab(t, browser, s, true), scheme, name, width)
			shootPanel(newTab(t, browser, s, true), scheme, name, width)
		}
	}
}

// camera prepares the tab, and returns a function that takes a screenshot of its page.
func camera(b *tab, scheme, name string, width int64) (take func(page string)) {
	b.t.Helper()
	height := map[string]int64{"wide": 900, "phone": 844}[name]
	b.do(chromedp.EmulateViewport(width, height))
	b.scheme(scheme)
	return func(page string) {
		b.t.Helper()
		eval[bool](b, `document.querySelectorAll("img").forEach(e => e.loading = "eager"), true`)
		eventually(b.t, "the pictures are drawn", func() bool { return eval[bool](b, `[...document.images].every(e => e.complete)`) })
		b.shot(filepath.Join(*screenshots, page+"-"+scheme+"-"+name+".png"))
	}
}

// shootPanel takes screenshots of the admin panel.
func shootPanel(b *tab, scheme, name string, width int64) {
	b.t.Helper()
	take := camera(b, scheme, name, width)
	b.logIn("boss", password)
	for _, path := range adminPages {
		b.open(path, 200)
		take(strings.ReplaceAll(path[1:], "/", "-"))
	}
}

// shoot takes one set of screenshots.
func shoot(b *tab, scheme, name string, width int64) {
	b.t.Helper()
	take := camera(b, scheme, name, width)
	b.open("/nowhere", 404)
	take("404")
	b.open("/register", 200)
	b.fill("#username", "mara")
	b.fill("#email", "mara@example.org")
	b.fill("#password", "passwordpassword")
	b.submit("main form button[type=submit]", 422)
	take("register-errors")
	b.open("/login", 200)
	b.fill("#username", "mara")
	b.fill("#password", "not the password")
	b.submit("main form button[type=submit]", 422)
	take("login-errors")
	b.fill("#password", "cloakroom for a look round")
	b.submit("main form button[type=submit]", 200)
	take("feed")
	b.open("/tags/coast", 200)
	b.submit(".ticket h2 a", 200)
	take("post")
	b.open("/users/mara", 200)
	take("user")
	for page, path := range map[string]string{"files": "/files", "profile": "/settings/profile", "security": "/settings/security",
		"sessions": "/settings/sessions", "tokens": "/settings/tokens", "usage": "/settings/usage", "deleted": "/posts/deleted",
		"search-nothing": "/search?q=nothing"} {
		b.open(path, 200)
		take(page)
	}
	shootUpload(b, take)
}

// shootUpload takes a screenshot during an upload.
func shootUpload(b *tab, take func(string)) {
	b.t.Helper()
	dir := b.t.TempDir()
	paths := []string{filepath.Join(dir, "november meeting.gz"), filepath.Join(dir, "notes.txt"), filepath.Join(dir, "page.html")}
	for i, content := range [][]byte{incompressible(8<<20, 1), []byte("A few words.\n"), []byte("<!doctype html><title>no</title>")} {
		if err := os.WriteFile(paths[i], content, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	b.open("/posts/new", 200)
	b.fill("#title", "Minutes")
	b.fill("#content", "All of it, and **more**.")
	b.attach("#file", paths[1:]...)
	eventually(b.t, "the small files came to an end",
		func() bool { return b.count("[data-upload-rows] .done, [data-upload-rows] .failed") == 2 })
	b.troubles() // the refused upload is intended
	b.slow(400_000)
	b.attach("#file", paths[0])
	b.awaitProgress()
	take("upload")
	b.do(click("[data-upload-rows] li:last-child button:not([hidden])"))
	b.slow(0)
}

func (b *tab) shot(path string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, picture, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
