package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// peek reads up to n bytes from r. It returns them, and a reader of all of r,
// including those bytes.
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
	case errors.Is(err, io.EOF): // not io.ErrUnexpectedEOF, which reports a truncated body
		return head, bytes.NewReader(head), nil
	}
	return nil, nil, err
}

// A cappedReader reads at most left bytes from r and fails with over if there are
// more.
type cappedReader struct {
	r    io.Reader
	left int64
	over error
}

// capped limits body to the maximum file size and to the storage that user had
// left when the request arrived, so that an upload without room fails early.
// It is only an early exit: record decides, atomically.
func capped(body io.Reader, user models.User, tier TierPolicy) io.Reader {
	if room := tier.Storage - user.StorageUsed; room < tier.MaxFileSize {
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
	p := problem.New(problem.TooLarge, "This file is too large. You can upload up to %s per file.", models.Size(most))
	p.Field = "file"
	return p
}

// hashBuffer is the size of one block for the hasher, in bytes, and hashAhead the
// number of blocks that can wait for it: together 1 MiB per upload.
const (
	hashBuffer = 256 << 10
	hashAhead  = 4
)

var hashBuffers = sync.Pool{New: func() any { return new([hashBuffer]byte) }}

// A hashReader computes the SHA-256 of the bytes read through it. It hashes on a
// goroutine of its own, in parallel to reading and writing. Sum must be called,
// because it ends the goroutine.
type hashReader struct {
	r      io.Reader
	next   piece // being filled: reads from a form are too small to hand over one by one
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
