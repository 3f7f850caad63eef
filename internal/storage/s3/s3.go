// Package s3 stores blobs in a bucket of an S3-compatible service. It is the only package that
// knows S3 and its client, and how a bucket treats unfinished uploads.
//
// The service must support conditional writes (If-None-Match), as Amazon's, MinIO, Ceph, Garage
// and versitygw do. The bucket should have no lifecycle rule that aborts uploads earlier than
// longestPut.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// A Config holds the address of a bucket and the credentials.
type Config struct {
	Endpoint  string // http://host:port or https://host
	Bucket    string // must exist
	Region    string // empty: us-east-1, which most services without regions expect
	AccessKey string
	SecretKey string
}

// A Store is a storage.Store in one bucket.
type Store struct {
	core    minio.Core
	bucket  string
	buffers *sync.Pool // of *[partSize]byte
}

var _ storage.Store = (*Store)(nil)

// Open returns the store in the bucket. It verifies that the bucket exists, so that a wrong
// setting aborts start-up.
func Open(ctx context.Context, config Config) (*Store, error) {
	u, err := url.Parse(config.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("reading the S3 endpoint: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.User != nil {
		return nil, errors.New("reading the S3 endpoint: it must have the form https://host or http://host:port")
	}
	region := config.Region
	if region == "" {
		region = "us-east-1"
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(config.AccessKey, config.SecretKey, ""),
		Secure: u.Scheme == "https",
		Region: region,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the S3 client: %w", err)
	}
	exists, err := core.BucketExists(ctx, config.Bucket)
	if err != nil {
		return nil, fmt.Errorf("asking for the bucket %s: %w", config.Bucket, err)
	}
	if !exists {
		return nil, fmt.Errorf("there is no bucket %s at %s", config.Bucket, u.Host)
	}
	pool := &sync.Pool{New: func() any { return new([partSize]byte) }}
	return &Store{core: *core, bucket: config.Bucket, buffers: pool}, nil
}

// Open returns the object. The first read requests its bytes.
func (s *Store) Open(ctx context.Context, key models.BlobKey) (*storage.Blob, error) {
	if err := storage.CheckKey(key); err != nil {
		return nil, err
	}
	info, err := s.core.StatObject(ctx, s.bucket, string(key), minio.StatObjectOptions{})
	if codeOf(err) == minio.NoSuchKey {
		return nil, problem.New(problem.NotFound, "The content of this file is missing.")
	}
	if err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	object := &object{ctx: ctx, store: s, key: key, etag: info.ETag, size: info.Size}
	return &storage.Blob{ReadSeekCloser: object, Size: info.Size, ModTime: info.LastModified}, nil
}

// Delete removes the object.
func (s *Store) Delete(ctx context.Context, key models.BlobKey) error {
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	err := s.core.RemoveObject(ctx, s.bucket, string(key), minio.RemoveObjectOptions{})
	if err != nil && codeOf(err) != minio.NoSuchKey {
		return fmt.Errorf("deleting a blob: %w", err)
	}
	return nil
}

// codeOf returns the S3 error code in err, or "" if there is none.
func codeOf(err error) string {
	answer, _ := errors.AsType[minio.ErrorResponse](err)
	return answer.Code
}
