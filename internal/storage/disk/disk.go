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
	"sync/atomic"
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
	root  *os.Root
	dir   *os.File    // the same directory
	parts atomic.Bool // files are opened with root, because the kernel cannot or may not do it at once

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
	opened, err := root.Open(".")
	if err != nil {
		return nil, fmt.Errorf("opening the upload directory: %w", errors.Join(err, root.Close()))
	}
	return &Store{root: root, dir: opened, shards: map[string]bool{}}, nil
}

// Close closes the directory. Open blobs remain usable.
func (s *Store) Close() error { return errors.Join(s.dir.Close(), s.root.Close()) }

// Open opens the blob for reading.
func (s *Store) Open(_ context.Context, key models.BlobKey) (*storage.Blob, error) {
	if err := storage.CheckKey(key); err != nil {
		return nil, err
	}
	f, err := s.openFile(blobPath(key))
	if isGone(err) {
		return nil, problem.New(problem.NotFound, "The content of this file is missing.")
	}
	if err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("opening the blob %s: %w", key, errors.Join(err, f.Close()))
	}
	return &storage.Blob{ReadSeekCloser: f, Size: info.Size(), ModTime: info.ModTime()}, nil
}

var errNoFile = errors.New("it is no regular file")

// openByParts opens a file with os.Root, which opens each directory on the way. The type is
// checked first, because a link within the directory would be followed, and a pipe would
// block.
func (s *Store) openByParts(name string) (*os.File, error) {
	info, err := s.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return nil, err
	}
	return s.root.Open(name)
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
