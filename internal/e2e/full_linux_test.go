package e2e_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/cloakroom/internal/testenv"
)

// An upload that does not fit on the disk is refused with a message, leaves nothing behind,
// and the site keeps working.
func TestFullDisk(t *testing.T) {
	p := sqliteAndDisk(t)
	if err := os.Mkdir(p.bytes, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", p.bytes, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		testenv.Missing(t, "the right to mount a small disk", "run the tests as root ("+err.Error()+")")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(p.bytes, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := startSite(t, p)
	c := newUser(t, s, "ann")
	before := c.mustUpload("before.gz", incompressible(1<<20, 1))

	req, err := uploadRequest(context.Background(), s.url+"/files", "too much.gz", bytes.NewReader(incompressible(20<<20, 2)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	page := c.want(req, http.StatusServiceUnavailable)
	if !strings.Contains(string(page.body), "storage is full") {
		t.Errorf("the page does not say why:\n%s", page.body)
	}
	if left := blobs(t, p.bytes); len(left) != 1 {
		t.Errorf("the refused upload left something: %q", left)
	}
	c.get("/files", http.StatusOK)
	after := c.mustUpload("after.gz", incompressible(1<<20, 3))
	for _, file := range []received{before, after} {
		if got := c.hashOf(file.URL); got != file.SHA256 {
			t.Errorf("%s has the hash %s, want %s", filepath.Base(file.URL), got, file.SHA256)
		}
	}
	s.wantNoErrors()
}
