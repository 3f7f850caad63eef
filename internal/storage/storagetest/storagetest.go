// Package storagetest verifies the guarantees of storage.Store. It knows no backend.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage"
)

// large exceeds one part of any backend, and is not a multiple of any block size.
const large = 20<<20 + 4711

// Run runs the tests, each with the empty store that open returns.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	tests := []struct {
		name string
		test func(t *testing.T, store storage.Store)
	}{
		{"what was put can be read", testRead},
		{"blobs of all sizes are whole", testSizes},
		{"a blob can be served in ranges", testServe},
		{"an open blob ends and closes", testEnds},
		{"a failed put leaves nothing", testFailedPut},
		{"a put ends with its context", testCancelledPut},
		{"a key is used once", testKeyUsedOnce},
		{"keys that are none are refused", testBadKeys},
		{"puts at the same time", testConcurrentPuts},
		{"delete twice", testDelete},
		{"a sweep takes what is old and unknown", testSweep},
		{"a sweep takes more than one batch", testSweepBatches},
		{"a sweep takes unfinished uploads", testSweepUnfinished},
		{"a sweep ends with its context and its records", testSweepEnds},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, open(t)) })
	}
}

// BadKeys returns keys that a store must refuse.
func BadKeys() []models.BlobKey {
	good := string(models.NewBlobKey())
	return []models.BlobKey{
		"", ".", "..", "../escaped", "/etc/passwd", "a/../../b", `..\escaped`,
		"../../../../../../escaped2", "ABCDEFGHIJKLMNOPQRSTUVWX/Y", "AB/DEFGHIJKLMNOPQRSTUVWXYZ",
		models.BlobKey(good[:25]), models.BlobKey(good + "A"), models.BlobKey(good + ".partial"),
		models.BlobKey(strings.ToLower(good)), models.BlobKey("0" + good[1:]), models.BlobKey("\x00" + good[1:]),
		models.BlobKey("é" + good[2:]), models.BlobKey(strings.Repeat("A", 1<<20)),
	}
}

func testRead(t *testing.T, store storage.Store) {
	key, want := models.NewBlobKey(), content(large)
	put(t, store, key, want)
	blob := open(t, store, key)
	if blob.Size != large {
		t.Errorf("Size = %d, want %d", blob.Size, large)
	}
	if age := time.Since(blob.ModTime); age < -time.Minute || age > time.Minute {
		t.Errorf("ModTime = %v, want about now", blob.ModTime)
	}
	for _, at := range []int64{large - 5, 12 << 20, 0, 1} {
		if n, err := blob.Seek(at-large, io.SeekEnd); n != at || err != nil {
			t.Fatalf("Seek = %d, %v; want %d", n, err, at)
		}
		if got, err := io.ReadAll(blob); !bytes.Equal(got, want[at:]) {
			t.Errorf("read %d bytes from %d on, %v; want the %d put", len(got), at, err, large-at)
		}
	}
}

func testSizes(t *testing.T, store storage.Store) {
	for _, size := range []int{0, 1, 1 << 10, 256 << 10, 8<<20 - 1, 8 << 20, 8<<20 + 1} {
		key, want := models.NewBlobKey(), content(size)
		put(t, store, key, want)
		if got, err := io.ReadAll(open(t, store, key)); !bytes.Equal(got, want) {
			t.Errorf("read %d bytes, %v; want the %d put", len(got), err, size)
		}
	}
	want := content(999)
	for _, src := range []io.Reader{iotest.OneByteReader(bytes.NewReader(want)), iotest.DataErrReader(bytes.NewReader(want))} {
		key := models.NewBlobKey()
		if size, err := store.Put(t.Context(), key, src); size != 999 || err != nil {
			t.Fatalf("Put = %d, %v; want 999", size, err)
		}
		if got, err := io.ReadAll(open(t, store, key)); !bytes.Equal(got, want) {
			t.Errorf("read %d bytes, %v; want the 999 put", len(got), err)
		}
	}
}

func testServe(t *testing.T, store storage.Store) {
	key, want := models.NewBlobKey(), content(large)
	put(t, store, key, want)
	for header, part := range map[string][]byte{
		"":                        want,
		"bytes=0-0":               want[:1],
		"bytes=10485759-12345678": want[10485759:12345679],
		"bytes=-7":                want[large-7:],
	} {
		blob := open(t, store, key)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if header != "" {
			r.Header.Set("Range", header)
		}
		w := httptest.NewRecorder()
		http.ServeContent(w, r, "", blob.ModTime, blob)
		if !bytes.Equal(w.Body.Bytes(), part) {
			t.Errorf("Range %q: got %d bytes, status %d; want %d", header, w.Body.Len(), w.Code, len(part))
		}
	}
}

func testEnds(t *testing.T, store storage.Store) {
	key := models.NewBlobKey()
	put(t, store, key, content(100))
	blob := open(t, store, key)
	if _, err := blob.Seek(1000, io.SeekStart); err != nil {
		t.Error(err)
	}
	if n, err := blob.Read(make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("Read past the end = %d, %v; want EOF", n, err)
	}
	if _, err := blob.Seek(-1, io.SeekStart); err == nil {
		t.Error("Seek to -1 succeeded")
	}
	if err := blob.Close(); err != nil {
		t.Error(err)
	}
	if _, err := blob.Read(make([]byte, 10)); err == nil {
		t.Error("Read after Close succeeded")
	}
	if _, err := store.Open(t.Context(), models.NewBlobKey()); problem.KindOf(err) != problem.NotFound {
		t.Errorf("Open of a key never put = %v, want not_found", err)
	}
}

func testDelete(t *testing.T, store storage.Store) {
	key, other := models.NewBlobKey(), models.NewBlobKey()
	put(t, store, key, content(10))
	put(t, store, other, content(10))
	for range 2 {
		if err := store.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete = %v", err)
		}
	}
	wantGone(t, store, key)
	open(t, store, other)
}

func testBadKeys(t *testing.T, store storage.Store) {
	for _, key := range BadKeys() {
		untouched := iotest.ErrReader(errors.New("the source was read"))
		_, putErr := store.Put(t.Context(), key, untouched)
		_, openErr := store.Open(t.Context(), key)
		for method, err := range map[string]error{"Put": putErr, "Open": openErr, "Delete": store.Delete(t.Context(), key)} {
			if err == nil || problem.KindOf(err) != problem.Internal || strings.Contains(err.Error(), "source was read") {
				t.Errorf("%s(%.40q) = %v, want an internal error before anything is touched", method, key, err)
			}
		}
	}
	wantEmpty(t, store)
}

func content(size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(data) // never fails
	return data
}

func put(t *testing.T, store storage.Store, key models.BlobKey, data []byte) {
	t.Helper()
	if size, err := store.Put(t.Context(), key, bytes.NewReader(data)); err != nil || size != int64(len(data)) {
		t.Fatalf("Put = %d, %v; want %d", size, err, len(data))
	}
}

func open(t *testing.T, store storage.Store, key models.BlobKey) *storage.Blob {
	t.Helper()
	blob, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blob.Close() }) // some tests close it first
	return blob
}

func wantGone(t *testing.T, store storage.Store, key models.BlobKey) {
	t.Helper()
	if _, err := store.Open(t.Context(), key); problem.KindOf(err) != problem.NotFound {
		t.Errorf("Open = %v, want not_found", err)
	}
}

// wantEmpty fails the test unless the store has neither blobs nor unfinished uploads.
func wantEmpty(t *testing.T, store storage.Store) {
	t.Helper()
	if removed, err := store.Sweep(t.Context(), time.Now().Add(farAhead), knowing()); removed != 0 || err != nil {
		t.Errorf("the store still held %d blobs or parts of them (%v), want none", removed, err)
	}
}

// farAhead is far enough in the future for everything to be old in every backend.
const farAhead = 30 * 24 * time.Hour

func knowing(keys ...models.BlobKey) storage.Known {
	return func(context.Context, []models.BlobKey) (map[models.BlobKey]bool, error) {
		known := map[models.BlobKey]bool{}
		for _, key := range keys {
			known[key] = true
		}
		return known, nil
	}
}
