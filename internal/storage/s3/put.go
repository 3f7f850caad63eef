package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/minio/minio-go/v7"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

const (
	// partSize is also the memory used by one upload. An upload has at most 10,000 parts, so the
	// largest blob has 78 GiB. Parts cannot grow, because some services require equal sizes.
	partSize = 8 << 20
	maxParts = 10_000

	// longestPut is the maximum duration of an upload. Sweep relies on it.
	longestPut = 7 * 24 * time.Hour

	// commitTime is the time for the service to assemble the parts, and abortTime the time
	// to discard them.
	commitTime = 10 * time.Minute
	abortTime  = time.Minute
)

// Put sends a blob that fits into one part in one request, and a larger one in parts, of which
// it holds one in memory. The object appears with the last request.
//
// If the response to the last request is lost, the object can exist although Put fails. It has
// no record then, and is swept.
func (s *Store) Put(ctx context.Context, key models.BlobKey, src io.Reader) (int64, error) {
	if err := storage.CheckKey(key); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, longestPut)
	defer cancel()
	buf, ok := s.buffers.Get().(*[partSize]byte)
	if !ok {
		return 0, errors.New("the pool holds no buffer")
	}
	defer s.buffers.Put(buf)
	size, err := s.put(ctx, key, src, buf[:])
	switch {
	case err == nil:
		return size, nil
	case ctx.Err() != nil:
		err = fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	case codeOf(err) == minio.PreconditionFailed:
		err = fmt.Errorf("the key %s: %w", key, fs.ErrExist)
	}
	return 0, fmt.Errorf("storing the bytes: %w", err)
}

func (s *Store) put(ctx context.Context, key models.BlobKey, src io.Reader, buf []byte) (int64, error) {
	n, end, err := storage.Fill(ctx, src, buf)
	if err != nil {
		return 0, err
	}
	if end {
		return int64(n), s.putWhole(ctx, key, buf[:n])
	}
	upload, err := s.core.NewMultipartUpload(ctx, s.bucket, string(key), minio.PutObjectOptions{})
	if err != nil {
		return 0, err
	}
	size, err := s.putParts(ctx, key, upload, src, buf)
	if err != nil {
		return 0, errors.Join(err, s.abort(ctx, key, upload))
	}
	return size, nil
}

// putWhole sends a small blob. The end of ctx does not interrupt it, because the result of an
// interrupted request is unknown.
func (s *Store) putWhole(ctx context.Context, key models.BlobKey, data []byte) error {
	ctx, cancel, err := commit(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.core.PutObject(ctx, s.bucket, string(key), bytes.NewReader(data), int64(len(data)), "", "", onlyNew())
	return err
}

// putParts sends buf, which is full, and the rest of src in parts.
func (s *Store) putParts(ctx context.Context, key models.BlobKey, upload string, src io.Reader, buf []byte) (int64, error) {
	var (
		parts []minio.CompletePart
		size  int64
	)
	for n, end := len(buf), false; n > 0; {
		if len(parts) == maxParts {
			return 0, fmt.Errorf("more than %d parts of %d bytes", maxParts, partSize)
		}
		number := len(parts) + 1
		part, err := s.core.PutObjectPart(ctx, s.bucket, string(key), upload, number,
			bytes.NewReader(buf[:n]), int64(n), minio.PutObjectPartOptions{})
		if err != nil {
			return 0, err
		}
		parts = append(parts, minio.CompletePart{PartNumber: number, ETag: part.ETag})
		size += int64(n)
		if end {
			break
		}
		if n, end, err = storage.Fill(ctx, src, buf); err != nil {
			return 0, err
		}
	}
	ctx, cancel, err := commit(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	_, err = s.core.CompleteMultipartUpload(ctx, s.bucket, string(key), upload, parts, onlyNew())
	return size, err
}

// abort discards the parts, even after ctx has ended, which is the usual reason. If it fails,
// Sweep discards them later.
func (s *Store) abort(ctx context.Context, key models.BlobKey, upload string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	err := s.core.AbortMultipartUpload(ctx, s.bucket, string(key), upload)
	if codeOf(err) == minio.NoSuchUpload {
		return nil
	}
	return err
}

// commit returns the context for the request that makes the blob appear, or the cause if ctx
// has ended.
func commit(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	return ctx, cancel, nil
}

func onlyNew() minio.PutObjectOptions {
	var options minio.PutObjectOptions
	options.SetMatchETagExcept("*")
	return options
}
