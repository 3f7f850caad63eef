package e2e_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestShareScreenshots takes screenshots of the first page, the pages of a link and of a file
// request, for their owner and for others, if -screenshots is set.
func TestShareScreenshots(t *testing.T) {
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	dir := t.TempDir()
	file := filepath.Join(dir, "minutes november.txt")
	if err := os.WriteFile(file, []byte("All agreed.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
			friend := newTab(t, browser, s, false)
			look := camera(friend, scheme, name, width)
			friend.open("/", 200)
			look("landing-guest")
			b := newTab(t, browser, s, true)
			take := camera(b, scheme, name, width)
			b.logIn("ann", password)
			take("landing-user")
			b.open("/posts/new", 200)
			take("new-post")
			b.open("/", 200)
			b.share(file)
			take("share-sheet")
			sheet := b.path()
			link, err := url.Parse(b.text("#share-link"))
			if err != nil {
				t.Fatal(err)
			}
			friend.open(link.Path, 200)
			look("friend-open")
			b.do(click("details.sheet summary"))
			b.fill("#password", "seventeen green umbrellas")
			b.submit(`form[action="`+sheet+`"] button`, 200)
			friend.open(link.Path, 401)
			look("friend-locked")
			b.do(click(`form[action$="/revoke"] button`))
			b.do(click("dialog.ask button.danger"))
			eventually(t, "the link is revoked", func() bool {
				return eval[bool](b, `(document.querySelector(".share-sheet .badge")?.textContent ?? "").includes("revoked")`)
			})
			friend.open(link.Path, 410)
			look("friend-ended")
			b.open("/files", 200)
			take("files")
			b.open(eval[string](b, `document.querySelector(".file-rows a.badge").getAttribute("href")`), 200)
			take("access")
			b.open("/requests/new", 200)
			b.fill("#title", "Photos of the regatta")
			b.fill("#message", "All that you have, please.")
			b.submit(`form[action="/requests"] button[type=submit]`, 200)
			take("request-owner")
			if link, err = url.Parse(b.text("#share-link")); err != nil {
				t.Fatal(err)
			}
			friend.open(link.Path, 200)
			look("request-guest")
			friend.attach("#file", file)
			friend.submit("main form button[type=submit]", 200)
			look("request-receipt")
			friend.troubles()
		}
	}
}
