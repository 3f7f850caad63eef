package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"

	"github.com/dustin/go-humanize"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// peek reads up to n bytes from r and returns them, and a reader that gives
// all of r, those bytes again first.
func peek(r io.Reader, n int) (head []byte, all io.Reader, err error) {
	head = make([]byte, n)
	got := 0
	for got < n && err == nil {
		var m int
		m, err = r.Read(head[got:])
		got += m
	}
	head = head[:got]
	switch {
	case err == nil:
		return head, io.MultiReader(bytes.NewReader(head), r), nil
	case errors.Is(err, io.EOF): // and not io.ErrUnexpectedEOF, with which a body breaks off
		return head, bytes.NewReader(head), nil
	}
	return nil, nil, err
}

// A cappedReader fails with over, rather than stopping short, when r holds more
// than left bytes.
type cappedReader struct {
	r    io.Reader
	left int64
	over error
}

// capped ends body as soon as it is larger than a file may be, or than what who
// had left when the request came: nobody sends a gigabyte to be told that it has
// no room. The last word on that has record.
func capped(body io.Reader, who models.User, tier TierPolicy) io.Reader {
	if room := tier.Storage - who.StorageUsed; room < tier.MaxFileSize {
		return &cappedReader{r: body, left: room, over: errNoRoom(tier)}
	}
	return &cappedReader{r: body, left: tier.MaxFileSize, over: errTooLarge(tier.MaxFileSize)}
}

func (c *cappedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, c.over
	}
	return n, err
}

func errTooLarge(most int64) error {
	p := problem.New(problem.TooLarge, "That file is too large: yours may have at most %s.", sizeText(most))
	p.Field = "file"
	return p
}

func sizeText(n int64) string { return humanize.Bytes(uint64(n)) } //nolint:gosec // a size is never negative

// hashBuffer is how much is handed to the hasher at once, and hashAhead how
// many such pieces the copy may be ahead of it: 1 MiB for each upload.
const (
	hashBuffer = 256 << 10
	hashAhead  = 4
)

var hashBuffers = sync.Pool{New: func() any { return new([hashBuffer]byte) }}

// A hashReader computes the SHA-256 of what is read through it on a goroutine
// of its own, so that hashing goes on beside reading and writing. Sum must be
// called, and ends the goroutine.
type hashReader struct {
	r      io.Reader
	next   piece // being filled: a form comes in bits too small to hand over
	pieces chan piece
	done   chan struct{}
	hash   hash.Hash
}

type piece struct {
	buffer *[hashBuffer]byte
	n      int
}

func newHashReader(r io.Reader) *hashReader {
	h := &hashReader{r: r, pieces: make(chan piece, hashAhead), done: make(chan struct{}), hash: sha256.New()}
	go func() {
		defer close(h.done)
		for p := range h.pieces {
			h.hash.Write(p.buffer[:p.n])
			hashBuffers.Put(p.buffer)
		}
	}()
	return h
}

// Read implements io.Reader.
func (h *hashReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		if h.next.buffer == nil {
			h.next = piece{buffer: hashBuffers.Get().(*[hashBuffer]byte)} //nolint:forcetypeassert // New makes nothing else
		}
		copied := copy(h.next.buffer[h.next.n:], rest)
		h.next.n += copied
		rest = rest[copied:]
		if h.next.n == hashBuffer {
			h.handOver()
		}
	}
	return n, err
}

func (h *hashReader) handOver() {
	if h.next.buffer != nil {
		h.pieces <- h.next
		h.next = piece{}
	}
}

// Sum returns the hash, in hexadecimal, of all that was read.
func (h *hashReader) Sum() string {
	h.handOver()
	close(h.pieces)
	<-h.done
	return hex.EncodeToString(h.hash.Sum(nil))
}
