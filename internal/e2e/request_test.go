package e2e_test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A guest leaves files for a request, with and without scripts and by curl, and each gets
// a receipt.
func TestFileRequest(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"first.txt", "second.txt"} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte("The file "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	browser := startBrowser(t)
	owner := newTab(t, browser, s, true)
	owner.logIn("ann", password)
	owner.open("/requests/new", 200)
	owner.fill("#title", "Minutes of all meetings")
	owner.do(click("form.sheet summary"), chromedp.SetValue(chromedp.CSS("#sender"), "name"))
	owner.submit(`form[action="/requests"] button[type=submit]`, 200)
	owner.wantText("h1", "Minutes of all meetings")
	link, err := url.Parse(owner.text("#share-link"))
	if err != nil {
		t.Fatal(err)
	}
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", js), func(t *testing.T) {
			guest := newTab(t, browser, s, js)
			guest.do(chromedp.EmulateViewport(390, 844))
			guest.open(link.Path, 200)
			guest.wantText("h1", "Minutes of all meetings")
			guest.checkNarrow()
			if js { // a file that is chosen before the name waits for it
				guest.attach("#file", files...)
				guest.wantCount("[data-upload-rows] > li", 0)
				guest.wantText(".toast", "2 files chosen. Fill in the marked field, then send them.")
				guest.fill("#name", "Jo")
				guest.arrive(link.Path+"/receipt", func() { guest.do(click(".form-end button")) })
			} else {
				guest.fill("#name", "Kim")
				guest.attach("#file", files...)
				guest.submit(".form-end button", 200)
			}
			guest.wantText("h1", "Your receipt")
			guest.wantCount(".file-rows .hash", 2)
			guest.checkNarrow()
		})
	}
	curl := exec.CommandContext(t.Context(), "curl", "--silent", "--show-error", "-T", files[0], "-u", "Lee:", s.url+link.Path+"/")
	out, err := curl.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "File: first.txt\nSize: 18 bytes\nSHA-256: ") {
		t.Errorf("curl: %v\n%s", err, out)
	}
	owner.open(owner.path(), 200)
	owner.wantCount("table td a[href^='/files/']", 5)
	if shown := owner.text("table"); strings.Count(shown, "first.txt") != 3 || strings.Count(shown, "second.txt") != 2 ||
		!strings.Contains(shown, "Jo") || !strings.Contains(shown, "Kim") || !strings.Contains(shown, "Lee") {
		t.Errorf("the owner sees:\n%s", shown)
	}
	s.wantNoErrors()
}
