package e2e_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

var memorySize = flag.Int64("memory.size", 2<<30, "the bytes of the file that TestMemory uploads")

// mostGrowth is the permitted memory growth during an upload, in KiB.
const mostGrowth = 64 << 10

// TestMemory uploads a file far larger than the memory that the server may use.
func TestMemory(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "UPLOAD_TYPES=*", "TIERS=free.file=20GiB,free.storage=100GiB")
	c := newUser(t, s, "ann")
	c.mustUpload("small.gz", incompressible(4<<20, 1)) // the first upload allocates memory once
	before := s.peak()
	size := *memorySize
	req, err := uploadRequest(t.Context(), s.url+"/files", "large.gz", &endless{left: size, block: incompressible(1<<20, 2)})
	if err != nil {
		t.Fatal(err)
	}
	var file received
	if err := json.Unmarshal(c.want(req, http.StatusCreated).body, &file); err != nil {
		t.Fatal(err)
	}
	if growth := s.peak() - before; growth >= mostGrowth {
		t.Errorf("the peak of memory grew by %d KiB, want less than %d", growth, mostGrowth)
	} else {
		t.Logf("the peak of memory grew by %d KiB", growth)
	}
	last := c.get(file.URL, http.StatusPartialContent, "Range", "bytes=-5")
	if want := fmt.Sprintf("bytes %d-%d/%d", size-5, size-1, size); last.header.Get("Content-Range") != want {
		t.Errorf("the last bytes are %q, want %q", last.header.Get("Content-Range"), want)
	}
}

// peak returns the peak memory use of the server, in KiB.
func (s *site) peak() int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.program.Pid()))
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// endless repeats its block until left is used up.
type endless struct {
	left  int64
	block []byte
	at    int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	if len(e.block) == 0 {
		return 0, errors.New("no block")
	}
	n := copy(p[:min(int64(len(p)), e.left)], e.block[e.at:])
	e.at = (e.at + n) % len(e.block)
	e.left -= int64(n)
	return n, nil
}
