package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// A slowUpload is an upload that pauses half-way.
type slowUpload struct {
	rest   *io.PipeWriter
	result chan error
	file   received
}

// startSlowUpload sends the start of a file, and returns when the server has received it.
func startSlowUpload(t *testing.T, c *client, name string) *slowUpload {
	t.Helper()
	body, rest := io.Pipe()
	u := &slowUpload{rest: rest, result: make(chan error, 1)}
	go func() {
		var err error
		u.file, err = c.upload(t.Context(), name, body)
		_ = body.CloseWithError(errText("the upload is over")) // the server has stopped reading
		u.result <- err
	}()
	// More than the server buffers before it creates a file.
	if _, err := rest.Write(append([]byte(gzipMagic), make([]byte, 1<<20)...)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the upload has begun", func() bool {
		for _, path := range blobs(t, c.site.place.bytes) {
			if strings.HasSuffix(path, ".partial") {
				return true
			}
		}
		return false
	})
	return u
}

// A server that is told to stop during an upload completes it first.
func TestStop(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	c := newUser(t, s, "ann")
	upload := startSlowUpload(t, c, "slow.gz")
	s.program.Signal(syscall.SIGTERM)
	eventually(t, "the server is stopping", func() bool { return strings.Contains(s.log.String(), `"stopping"`) })
	eventually(t, "nobody else is let in", func() bool {
		_, err := newClient(t, s).http.Get(s.url + "/livez")
		return err != nil
	})
	if _, err := upload.rest.Write(bytes.Repeat([]byte("more"), 1<<18)); err != nil {
		t.Fatal(err)
	}
	_ = upload.rest.Close()
	if err := <-upload.result; err != nil {
		t.Fatalf("the upload was not finished: %v", err)
	}
	if code, ended := s.program.Wait(patience); !ended || code != 0 {
		t.Errorf("the server ended: %t, with %d, want 0", ended, code)
	}
	s.wantNoErrors()
	s.start()
	if got := c.hashOf(upload.file.URL); got != upload.file.SHA256 {
		t.Errorf("the file has the hash %s, want %s", got, upload.file.SHA256)
	}
}

// A server that is told to stop waits for a stuck upload until its time limit, and leaves no
// record of it.
func TestStop_AbortsAStuckUpload(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "SHUTDOWN_TIMEOUT=1s")
	c := newUser(t, s, "ann")
	upload := startSlowUpload(t, c, "stuck.gz")
	if code := s.stop(); code != 0 {
		t.Errorf("the server ended with %d, want 0", code)
	}
	_ = upload.rest.Close()
	if err := <-upload.result; err == nil {
		t.Error("the upload was answered for")
	}
	s.start()
	list := c.get("/files", http.StatusOK)
	if strings.Contains(string(list.body), "stuck.gz") || !strings.Contains(string(list.body), `class="empty"`) {
		t.Errorf("the list of files has something:\n%s", list.body)
	}
	for _, path := range blobs(t, s.place.bytes) {
		if !strings.HasSuffix(path, ".partial") { // a sweep removes those: see TestKill
			t.Errorf("%s is left", path)
		}
	}
}
