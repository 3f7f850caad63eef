package e2e_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestShareScreenshots takes screenshots of the first page, the owner's page of a link and
// the friend's, if -screenshots is set.
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
			b.arrive("/shares/", func() { b.do(click("dialog.ask button.danger")) })
			friend.open(link.Path, 404)
			look("friend-ended")
			friend.troubles()
		}
	}
}
