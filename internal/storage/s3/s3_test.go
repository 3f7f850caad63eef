package s3_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
	"example.org/cloakroom/internal/storage/s3"
	"example.org/cloakroom/internal/storage/storagetest"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func newConfig(t testing.TB) s3.Config {
	t.Helper()
	c := testenv.S3(t)
	return s3.Config{Endpoint: c.Endpoint, Bucket: c.Bucket, AccessKey: c.AccessKey, SecretKey: c.SecretKey}
}

func newStore(t testing.TB, config s3.Config) *s3.Store {
	t.Helper()
	store, err := s3.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return newStore(t, newConfig(t)) })
}

func TestOpen_RefusesWrongSettings(t *testing.T) {
	good := newConfig(t)
	for name, spoil := range map[string]func(*s3.Config){
		"no scheme":    func(c *s3.Config) { c.Endpoint = "127.0.0.1:1" },
		"other scheme": func(c *s3.Config) { c.Endpoint = "ftp://127.0.0.1" },
		"a path":       func(c *s3.Config) { c.Endpoint += "/bucket" },
		"no bucket":    func(c *s3.Config) { c.Bucket = "there-is-no-such-bucket" },
		"wrong secret": func(c *s3.Config) { c.SecretKey = "wrong" },
	} {
		config := good
		spoil(&config)
		if _, err := s3.Open(t.Context(), config); err == nil || strings.Contains(err.Error(), config.SecretKey) {
			t.Errorf("%s: Open = %v, want an error without the secret", name, err)
		}
	}
}

// Many small reads do not become many requests.
func TestOpen_SendsFewRequests(t *testing.T) {
	config := newConfig(t)
	var asked atomic.Int32
	config.Endpoint = proxy(t, config.Endpoint, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		asked.Add(1)
		service.ServeHTTP(w, r)
	})
	store, key := newStore(t, config), models.NewBlobKey()
	if _, err := store.Put(t.Context(), key, strings.NewReader(strings.Repeat("0123456789", 1<<20))); err != nil {
		t.Fatal(err)
	}
	asked.Store(0)
	blob, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blob.Close() }()
	small := struct{ io.Reader }{bufio.NewReaderSize(blob, 16)}
	if n, err := io.CopyBuffer(io.Discard, small, make([]byte, 100)); n != blob.Size || err != nil {
		t.Fatalf("read %d bytes, %v; want %d", n, err, blob.Size)
	}
	if n := asked.Swap(0); n != 2 {
		t.Errorf("Open and read = %d requests, want 2", n)
	}
	var halves []byte
	if _, err := blob.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		half := make([]byte, 5)
		if _, err := io.ReadFull(blob, half); err != nil {
			t.Fatal(err)
		}
		halves = append(halves, half...)
		if _, err := blob.Seek(0, io.SeekCurrent); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked.Swap(0); n != 1 || string(halves) != "0123456789" {
		t.Errorf("reads with a seek to the same place = %q by %d requests, want 1", halves, n)
	}
	for _, at := range []int64{0, blob.Size - 7} { // like http.ServeContent for a range
		if _, err := blob.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
	if tail, err := io.ReadAll(blob); string(tail) != "3456789" {
		t.Errorf("tail = %q, %v; want 3456789", tail, err)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("seeks and read = %d requests, want 1", n)
	}
}

// Put fails cleanly whichever step of a large upload the service refuses.
func TestPut_RefusedByTheService(t *testing.T) {
	for name, step := range map[string]func(r *http.Request) bool{
		"whole":    func(r *http.Request) bool { return r.Method == http.MethodPut && !r.URL.Query().Has("partNumber") },
		"begin":    func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploads") },
		"part 2":   func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" },
		"complete": func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") },
	} {
		t.Run(name, func(t *testing.T) {
			config := newConfig(t)
			var refused atomic.Int32
			direct := newStore(t, config)
			config.Endpoint = proxy(t, config.Endpoint, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
				if !step(r) {
					service.ServeHTTP(w, r)
					return
				}
				refused.Add(1)
				w.WriteHeader(http.StatusForbidden)
			})
			size := 20 << 20
			if name == "whole" {
				size = 1 << 20
			}
			if _, err := newStore(t, config).Put(t.Context(), models.NewBlobKey(), bytes.NewReader(make([]byte, size))); err == nil {
				t.Error("Put succeeded")
			}
			if refused.Load() == 0 {
				t.Error("nothing was refused")
			}
			removed, err := direct.Sweep(t.Context(), time.Now().Add(30*24*time.Hour), noRecords)
			if removed != 0 || err != nil {
				t.Errorf("Sweep = %d, %v; want nothing left to sweep", removed, err)
			}
		})
	}
}

// The total allocations of an upload are bounded.
func TestPut_BoundsMemory(t *testing.T) {
	store, key := newStore(t, newConfig(t)), models.NewBlobKey()
	const size = 128 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if n, err := store.Put(t.Context(), key, io.LimitReader(zeros{}, size)); n != size || err != nil {
		t.Fatalf("Put = %d, %v; want %d", n, err, size)
	}
	runtime.ReadMemStats(&after)
	if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown >= 64 {
		t.Errorf("Put of 128 MiB allocated %d MiB, want less than 64", grown)
	} else {
		t.Logf("Put of 128 MiB allocated %d MiB", grown)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func noRecords(context.Context, []models.BlobKey) (map[models.BlobKey]bool, error) { return nil, nil }

// proxy returns a server that forwards to the service and lets intercept change responses.
func proxy(t *testing.T, endpoint string, intercept func(w http.ResponseWriter, r *http.Request, service http.Handler)) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is part of the signature
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		intercept(w, r, pass)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
