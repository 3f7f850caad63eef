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
	// partSize is also the memory that one upload takes. An upload has at most
	// 10,000 parts, so the largest blob has 78 GiB; and some services want all
	// parts to be of one size, so they cannot grow on the way.
	partSize = 8 << 20
	maxParts = 10_000

	// longestPut ends an upload that takes longer. Sweep counts on it.
	longestPut = 7 * 24 * time.Hour

	// commitTime is how long the service may take to make the blob of its
	// parts; abortTime how long to throw them away.
	commitTime = 10 * time.Minute
	abortTime  = time.Minute
)

// Put sends a blob that fits into one part by one request, and a larger one in
// parts, of which it holds one at a time: the object appears with the last.
//
// Should the service's answer to the last request be lost, the object may be
// there although Put fails. It has no record then, and is swept.
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

// putWhole sends a small blob. Once it is on its way, the end of ctx does not
// stop it: a request cut off at its last byte leaves one guessing.
func (s *Store) putWhole(ctx context.Context, key models.BlobKey, data []byte) error {
	ctx, cancel, err := commit(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.core.PutObject(ctx, s.bucket, string(key), bytes.NewReader(data), int64(len(data)), "", "", onlyNew())
	return err
}

// putParts sends buf, which is full, and the rest of src part by part.
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

// abort throws away the parts, also when ctx has ended: that is why. If it
// fails, Sweep does it.
func (s *Store) abort(ctx context.Context, key models.BlobKey, upload string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	err := s.core.AbortMultipartUpload(ctx, s.bucket, string(key), upload)
	if codeOf(err) == minio.NoSuchUpload {
		return nil
	}
	return err
}

// commit returns the context of the request that makes the blob appear, or the
// cause for which ctx has ended.
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
