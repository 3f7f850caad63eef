package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"example.org/cloakroom/internal/models"
)

// hashBuffer is the size of one block for the hasher, in bytes, and hashAhead the
// number of blocks that can wait for it: together 1 MiB per upload.
const (
	hashBuffer = 256 << 10
	hashAhead  = 4
)

var hashBuffers = sync.Pool{New: func() any { return new([hashBuffer]byte) }}

// sums are checksums of the same bytes, in hexadecimal.
type sums struct{ SHA256, CRC32 string }

// A hasher computes sums of the bytes written to it.
type hasher struct {
	sha hash.Hash
	crc hash.Hash32
}

func newHasher() hasher { return hasher{sha: sha256.New(), crc: crc32.NewIEEE()} }

// Write implements io.Writer. It never fails.
func (h hasher) Write(p []byte) (int, error) {
	h.sha.Write(p)
	h.crc.Write(p)
	return len(p), nil
}

func (h hasher) sums() sums {
	return sums{SHA256: hex.EncodeToString(h.sha.Sum(nil)), CRC32: hex.EncodeToString(h.crc.Sum(nil))}
}

// A hashReader computes the sums of the bytes read through it. It hashes on a
// goroutine of its own, in parallel to reading and writing. Sum must be called,
// because it ends the goroutine.
type hashReader struct {
	r      io.Reader
	next   piece // being filled: reads from a form are too small to hand over one by one
	pieces chan piece
	done   chan struct{}
	hash   hasher
}

type piece struct {
	buffer *[hashBuffer]byte
	n      int
}

func newHashReader(r io.Reader) *hashReader {
	h := &hashReader{r: r, pieces: make(chan piece, hashAhead), done: make(chan struct{}), hash: newHasher()}
	go func() {
		defer close(h.done)
		for p := range h.pieces {
			_, _ = h.hash.Write(p.buffer[:p.n]) // a hash never fails
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

// Sum returns the sums of all that was read.
func (h *hashReader) Sum() sums {
	h.handOver()
	close(h.pieces)
	<-h.done
	return h.hash.sums()
}

// sumBatch is how many files SumFiles reads from the database at once.
const sumBatch = 100

// SumFiles performs the job models.SumFiles: it computes the CRC-32 of all files that
// have none, one after the other. When ctx ends, the next run goes on with the rest. A
// file whose bytes are missing or changed does not stop the others.
func (s *Service) SumFiles(ctx context.Context, _ models.SumFiles) error {
	var errs []error
	for after := models.FileID(""); ; {
		found, err := s.DB.FilesWithoutCRC32(ctx, after, sumBatch)
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := s.sumFile(ctx, f); err != nil {
				errs = append(errs, err)
			}
			after = f.ID
		}
		if len(found) < sumBatch || len(errs) >= sumBatch {
			return errors.Join(errs...)
		}
	}
}

// sumFile computes what f lacks of CRC32 and CleanCRC32.
func (s *Service) sumFile(ctx context.Context, f models.File) error {
	if f.CRC32 == "" {
		sum, err := s.crc32Of(ctx, f.Blob, f.SHA256)
		if err == nil {
			err = s.DB.SetCRC32(ctx, f.ID, f.Blob, sum)
		}
		if err != nil {
			return err
		}
	}
	if f.Clean == "" || f.CleanCRC32 != "" {
		return nil
	}
	sum, err := s.crc32Of(ctx, f.Clean, f.CleanSHA256)
	if err != nil {
		return err
	}
	return s.DB.SetCleanCRC32(ctx, f.ID, f.Clean, sum)
}

// crc32Of returns the CRC-32 of a blob, or an error if its SHA-256 is not want.
func (s *Service) crc32Of(ctx context.Context, key models.BlobKey, want string) (string, error) {
	blob, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	h := newHasher()
	if _, err := io.Copy(h, blob); err != nil {
		return "", fmt.Errorf("reading the blob %s: %w", key, err)
	}
	got := h.sums()
	if got.SHA256 != want {
		return "", fmt.Errorf("the blob %s has SHA-256 %s, and its record %s", key, got.SHA256, want)
	}
	return got.CRC32, nil
}
