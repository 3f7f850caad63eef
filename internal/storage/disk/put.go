package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

// Put writes to a partial file and renames it, so that a blob is complete or absent. It
// syncs the file and then its directory, so that the blob is durable.
func (s *Store) Put(ctx context.Context, key models.BlobKey, src io.Reader) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	partial := blobPath(key) + partialSuffix
	f, err := s.create(partial, shardOf(key))
	if err != nil {
		return 0, fmt.Errorf("making the file of a blob: %w", asUnavailable(err))
	}
	size, err := s.fill(ctx, f, key, src)
	if err == nil {
		err = s.publish(key)
	}
	if err != nil {
		err = errors.Join(asUnavailable(err), s.remove(partial))
		return 0, fmt.Errorf("storing the bytes: %w", err)
	}
	return size, nil
}

// create creates the partial file. O_EXCL ensures that this is the only Put of its key in
// all processes, and follows no link.
func (s *Store) create(partial, shard string) (*os.File, error) {
	if err := s.openShard(shard); err != nil {
		return nil, err
	}
	f, err := s.root.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if !isGone(err) {
		return f, err
	}
	// The empty directory may have been removed.
	s.mu.Lock()
	delete(s.shards, shard)
	s.mu.Unlock()
	if err := s.openShard(shard); err != nil {
		return nil, err
	}
	return s.root.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
}

// fill writes the content of src to f, syncs and closes it.
func (s *Store) fill(ctx context.Context, f *os.File, key models.BlobKey, src io.Reader) (size int64, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	switch _, err := s.root.Lstat(blobPath(key)); {
	case err == nil:
		return 0, fmt.Errorf("the key %s: %w", key, fs.ErrExist)
	case !isGone(err):
		return 0, err
	}
	if size, err = copyAll(ctx, f, src); err != nil {
		return 0, err
	}
	return size, f.Sync()
}

// publish gives the complete file its final name.
func (s *Store) publish(key models.BlobKey) error {
	name := blobPath(key)
	if err := s.root.Rename(name+partialSuffix, name); err != nil {
		return err
	}
	if err := s.syncDir(shardOf(key)); err != nil {
		return errors.Join(err, s.remove(name))
	}
	return nil
}

// openShard ensures that the shard is a directory that survives a crash. Its entry is synced
// once per process, even if another process has created it, because that process may not
// have synced it yet.
func (s *Store) openShard(shard string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shards[shard] {
		return nil
	}
	if err := s.root.Mkdir(shard, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := s.root.Lstat(shard)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory", shard)
	}
	if err := s.syncDir("."); err != nil {
		return err
	}
	s.shards[shard] = true
	return nil
}

func (s *Store) syncDir(name string) error {
	dir, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// copySize is the size of copy buffers in bytes. In BenchmarkPut 1 MiB is no faster, and 64
// concurrent uploads use 16 MiB.
const copySize = 256 << 10

var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// writebackEvery is how many bytes are written before the kernel is told to begin to write
// them to the disk.
const writebackEvery = 16 << 20

// copyAll is like io.Copy to dst, but ends with ctx and uses a pooled buffer.
func copyAll(ctx context.Context, dst *os.File, src io.Reader) (size int64, err error) {
	buf, ok := buffers.Get().(*[copySize]byte)
	if !ok {
		return 0, errors.New("the pool holds no buffer")
	}
	defer buffers.Put(buf)
	begun := int64(0) // bytes that the kernel was told to write to the disk
	for end := false; !end; {
		var n int
		if n, end, err = storage.Fill(ctx, src, buf[:]); err != nil {
			return size, err
		}
		if _, err := dst.Write(buf[:n]); err != nil {
			return size, err
		}
		if size += int64(n); size-begun >= writebackEvery {
			startWriteback(dst, begun, size-begun)
			begun = size
		}
	}
	return size, nil
}
