// Package storage defines the store for the bytes of files. It alone knows what every
// store guarantees; its subpackages implement the backends, and storagetest verifies
// the guarantees.
package storage

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// A Store holds immutable blobs under random keys. Every method refuses a key that is
// not of the form made by models.NewBlobKey, with an internal error and before any
// effect.
type Store interface {
	// Put stores the content of src. When it returns nil, the blob is complete and
	// durable. No caller can ever open a part of a blob, and a failed Put leaves
	// nothing behind. Each key can be used once: for an existing key the error is
	// fs.ErrExist, and the blob is unchanged. When ctx ends, Put returns its cause
	// after the current read.
	Put(ctx context.Context, key models.BlobKey, src io.Reader) (size int64, err error)

	// Open returns the blob, or a NotFound problem. Reads can fail once ctx has
	// ended.
	Open(ctx context.Context, key models.BlobKey) (*Blob, error)

	// Delete removes the blob. Deleting a missing blob is not an error.
	Delete(ctx context.Context, key models.BlobKey) error

	// Sweep removes unfinished uploads that were last written to before the given
	// time, and blobs last modified before it that known does not report. It returns
	// the number of removals. It holds one batch of keys in memory, ignores younger
	// and foreign entries, and continues past entries that cannot be removed.
	//
	// A blob has no record while its upload is in progress. So before must lie
	// further back than the longest pause within an upload, and than the time
	// between the end of an upload and its record.
	Sweep(ctx context.Context, before time.Time, known Known) (removed int, err error)
}

// Known reports which of the keys have a record. It is called with at most SweepBatch
// keys.
type Known func(ctx context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error)

// A Blob is an open blob, ready for http.ServeContent. With a disk store the
// ReadSeekCloser is an *os.File, which the kernel can send without copying.
type Blob struct {
	io.ReadSeekCloser
	Size    int64
	ModTime time.Time
}

// keyLength is the length of crypto/rand.Text: 26 characters of base32 are 130 bits.
const keyLength = 26

// CheckKey returns an internal error unless key has the form made by
// models.NewBlobKey. Keys never come from visitors, so any other form is a bug.
func CheckKey(key models.BlobKey) error {
	if len(key) != keyLength || strings.Trim(string(key), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return fmt.Errorf("%.40q is not the key of a blob", string(key))
	}
	return nil
}
