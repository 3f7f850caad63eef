// Package storage keeps the bytes of files. It alone knows what every store
// promises; its subpackages hold the backends, and storagetest checks that all
// of them keep the promises.
package storage

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/cloakroom/internal/models"
)

// A Store keeps immutable blobs under random keys. A key that no
// models.NewBlobKey has made is refused by every method, with an internal
// error, before anything is touched.
type Store interface {
	// Put stores what src holds. The blob is whole and safe on its medium when
	// Put returns nil; no one can ever open a part of it, and if Put fails
	// nothing is left behind. A key is used once: for one that is there the
	// error is fs.ErrExist, and the blob stays as it was. When ctx ends, Put
	// ends with its cause after the current read.
	Put(ctx context.Context, key models.BlobKey, src io.Reader) (size int64, err error)

	// Open returns the blob, or a NotFound problem. Reading it may fail when
	// ctx has ended.
	Open(ctx context.Context, key models.BlobKey) (*Blob, error)

	// Delete removes the blob. Deleting what is not there is no error.
	Delete(ctx context.Context, key models.BlobKey) error

	// Sweep removes what has no record: unfinished uploads that were last
	// touched before the given time, and blobs last modified before it that
	// known does not name. It holds no more than a batch of keys, touches
	// nothing that is younger and nothing that is not of the store's making,
	// and goes on past what cannot be removed.
	//
	// A blob has no record yet while its upload runs, so before must lie
	// further back than the longest pause of an upload, and than the time
	// between the end of an upload and its record.
	Sweep(ctx context.Context, before time.Time, known Known) (removed int, err error)
}

// Known reports which of the keys have a record. It is asked about at most
// SweepBatch keys at once.
type Known func(ctx context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error)

// A Blob is an open blob, ready for http.ServeContent. From a disk the
// ReadSeekCloser is an *os.File, which the kernel can send by itself.
type Blob struct {
	io.ReadSeekCloser
	Size    int64
	ModTime time.Time
}

// keyLength is that of crypto/rand.Text: 26 characters of base32 are 130 bits.
const keyLength = 26

// CheckKey returns an internal error unless key is of the form that
// models.NewBlobKey makes. Keys never come from visitors, so another one is a
// mistake of ours, and nobody's to be told about.
func CheckKey(key models.BlobKey) error {
	if len(key) != keyLength || strings.Trim(string(key), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return fmt.Errorf("%.40q is not the key of a blob", string(key))
	}
	return nil
}
