// Package disk stores blobs in a directory that it cannot leave. It alone knows the layout of
// the directory and what makes a file survive a crash.
//
// A blob is stored in a shard, a directory named by the first two characters of its key, so
// that no directory grows too large. While it is written, its name is "<key>.partial". Other
// names are foreign and ignored. os.Root ensures that no symbolic link leads out of the
// directory.
package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// Only the server's own account can read uploaded files.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

const partialSuffix = ".partial"

// A Store is a storage.Store in one directory.
type Store struct {
	root *os.Root

	mu     sync.Mutex
	shards map[string]bool // shards known to be durable directories
}

var _ storage.Store = (*Store)(nil)

// Open returns the store in dir, and creates dir if it is missing.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("making the upload directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the upload directory: %w", err)
	}
	return &Store{root: root, shards: map[string]bool{}}, nil
}

// Close closes the directory. Open blobs remain usable.
func (s *Store) Close() error { return s.root.Close() }

// Open opens the blob for reading.
func (s *Store) Open(_ context.Context, key models.BlobKey) (*storage.Blob, error) {
	if err := storage.CheckKey(key); err != nil {
		return nil, err
	}
	// A link within the directory would be followed, and a pipe would block, so the type
	// is checked first. Blobs never change, so the check stays valid.
	info, err := s.root.Lstat(blobPath(key))
	switch {
	case isGone(err):
		return nil, problem.New(problem.NotFound, "The content of this file is missing.")
	case err != nil:
		return nil, fmt.Errorf("opening a blob: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("opening a blob: %s is no regular file", blobPath(key))
	}
	f, err := s.root.Open(blobPath(key))
	if isGone(err) {
		return nil, problem.New(problem.NotFound, "The content of this file is missing.")
	}
	if err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	return &storage.Blob{ReadSeekCloser: f, Size: info.Size(), ModTime: info.ModTime()}, nil
}

// Delete removes the blob. It does not sync: a blob that reappears after a crash has no
// record and is swept.
func (s *Store) Delete(_ context.Context, key models.BlobKey) error {
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	if err := s.remove(blobPath(key)); err != nil {
		return fmt.Errorf("deleting a blob: %w", err)
	}
	return nil
}

// remove removes one file or link, but no directory.
func (s *Store) remove(name string) error {
	info, err := s.root.Lstat(name)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory", name)
	}
	if err := s.root.Remove(name); !isGone(err) {
		return err
	}
	return nil
}

func shardOf(key models.BlobKey) string { return string(key[:2]) }

func blobPath(key models.BlobKey) string { return path.Join(shardOf(key), string(key)) }

func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// asUnavailable turns the operating system's error for a full disk into an Unavailable problem,
// and returns other errors unchanged.
func asUnavailable(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return problem.New(problem.Unavailable, "The server's storage is full. Try again later.")
	}
	return err
}
