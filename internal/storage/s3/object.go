package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/minio/minio-go/v7"

	"example.org/cloakroom/internal/models"
)

// An object reads a blob. The first read after a seek requests everything that follows, and
// later reads continue that response. Close ends a response that was not read completely.
type object struct {
	ctx    context.Context // Read has no context parameter
	store  *Store
	key    models.BlobKey
	etag   string
	size   int64
	offset int64         // of the next read
	body   io.ReadCloser // the response from offset on; may be nil
	closed bool
}

// Read implements io.Reader.
func (o *object) Read(p []byte) (int, error) {
	switch {
	case o.closed:
		return 0, fs.ErrClosed
	case len(p) == 0:
		return 0, nil
	case o.offset >= o.size:
		return 0, io.EOF
	}
	if o.body == nil {
		if err := o.request(); err != nil {
			return 0, fmt.Errorf("reading a blob: %w", err)
		}
	}
	n, err := o.body.Read(p)
	o.offset += int64(n)
	if err == io.EOF && o.offset < o.size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (o *object) request() error {
	var options minio.GetObjectOptions
	// Blobs never change. If someone has tampered with one, a mix of both versions must
	// not be served.
	if err := options.SetMatchETag(o.etag); err != nil {
		return err
	}
	if o.offset > 0 {
		if err := options.SetRange(o.offset, 0); err != nil {
			return err
		}
	}
	body, _, _, err := o.store.core.GetObject(o.ctx, o.store.bucket, string(o.key), options)
	if err != nil {
		return err
	}
	o.body = body
	return nil
}

// Seek implements io.Seeker without a request.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	default:
		return 0, errors.New("seeking in a blob: invalid whence")
	}
	switch {
	case o.closed:
		return 0, fs.ErrClosed
	case offset < 0:
		return 0, errors.New("seeking in a blob: negative position")
	case offset == o.offset:
		return offset, nil
	}
	o.offset = offset
	return offset, o.drop()
}

// Close implements io.Closer.
func (o *object) Close() error {
	o.closed = true
	return o.drop()
}

func (o *object) drop() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
