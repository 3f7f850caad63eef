package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

func testFailedPut(t *testing.T, store storage.Store) {
	cut := errors.New("cut off")
	for _, size := range []int{0, 100, 8 << 20, large} {
		// A truncated body ends with ErrUnexpectedEOF, which io.Copy and io.ReadFull also
		// return for other reasons.
		for _, want := range []error{cut, io.ErrUnexpectedEOF, io.ErrClosedPipe} {
			key := models.NewBlobKey()
			src := io.MultiReader(bytes.NewReader(content(size)), iotest.ErrReader(want))
			if n, err := store.Put(t.Context(), key, src); n != 0 || !errors.Is(err, want) {
				t.Errorf("Put of %d bytes = %d, %v; want 0, %v", size, n, err, want)
			}
			wantGone(t, store, key)
		}
	}
	wantEmpty(t, store)
}

func testCancelledPut(t *testing.T, store storage.Store) {
	gone := errors.New("the visitor went away")
	for _, after := range []int{0, 100, large} {
		ctx, cancel := context.WithCancelCause(t.Context())
		key := models.NewBlobKey()
		src := io.MultiReader(bytes.NewReader(content(after)), cancelling(cancel, gone))
		if n, err := store.Put(ctx, key, src); n != 0 || !errors.Is(err, gone) {
			t.Errorf("Put cancelled after %d bytes = %d, %v; want 0, %v", after, n, err, gone)
		}
		wantGone(t, store, key)
	}
	wantEmpty(t, store)
}

// cancelling returns an endless source whose first read calls cancel.
func cancelling(cancel context.CancelCauseFunc, cause error) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		cancel(cause)
		return len(p), nil
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func testKeyUsedOnce(t *testing.T, store storage.Store) {
	for _, size := range []int{100, large} {
		key, want := models.NewBlobKey(), content(size)
		put(t, store, key, want)
		for _, other := range []int{10, large} {
			if _, err := store.Put(t.Context(), key, bytes.NewReader(content(other))); !errors.Is(err, fs.ErrExist) {
				t.Errorf("the second Put of a key = %v, want %v", err, fs.ErrExist)
			}
			if got, err := io.ReadAll(open(t, store, key)); !bytes.Equal(got, want) {
				t.Errorf("after the second Put: read %d bytes, %v; want the %d of the first", len(got), err, size)
			}
		}
		if err := store.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	wantEmpty(t, store)
}

func testConcurrentPuts(t *testing.T, store storage.Store) {
	const each = 4
	shared, want := models.NewBlobKey(), content(9<<20)
	own := make([]models.BlobKey, each)
	var wins atomic.Int32
	var all sync.WaitGroup
	for i := range own {
		own[i] = models.NewBlobKey()
		all.Go(func() {
			if _, err := store.Put(t.Context(), own[i], bytes.NewReader(content(5<<20+i))); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := store.Put(t.Context(), shared, bytes.NewReader(want)); err == nil {
				wins.Add(1)
			}
		})
	}
	all.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d puts of one key succeeded, want 1", wins.Load())
	}
	if got, err := io.ReadAll(open(t, store, shared)); !bytes.Equal(got, want) {
		t.Errorf("read %d bytes, %v; want the %d put", len(got), err, len(want))
	}
	for i, key := range own {
		if got, err := io.ReadAll(open(t, store, key)); !bytes.Equal(got, content(5<<20+i)) {
			t.Errorf("read %d bytes, %v; want the %d put", len(got), err, 5<<20+i)
		}
	}
}
