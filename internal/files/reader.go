package files

import (
	"bytes"
	"errors"
	"io"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
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

// A lateBlob reads a stored blob, and opens it when it is read for the first time.
type lateBlob struct {
	open func() (*storage.Blob, error)
	blob *storage.Blob
}

// ReadAt implements io.ReaderAt for one goroutine.
func (l *lateBlob) ReadAt(p []byte, offset int64) (n int, err error) {
	if l.blob == nil {
		if l.blob, err = l.open(); err != nil {
			return 0, err
		}
	}
	if _, err := l.blob.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	n, err = io.ReadFull(l.blob, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// close ends what ReadAt has begun.
func (l *lateBlob) close() {
	if l.blob != nil {
		_ = l.blob.Close()
	}
}
