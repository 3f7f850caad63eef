package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/storage"
)

func testSweep(t *testing.T, store storage.Store) {
	recorded, orphan, big := models.NewBlobKey(), models.NewBlobKey(), models.NewBlobKey()
	put(t, store, recorded, content(100))
	put(t, store, orphan, content(100))
	put(t, store, big, content(large))

	// They are less than an hour old, so known is not called.
	asked := func(_ context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error) {
		t.Errorf("known was asked about %v, which are young", keys)
		return nil, nil
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(-time.Hour), asked); removed != 0 || err != nil {
		t.Errorf("Sweep of what is older than an hour = %d, %v; want 0", removed, err)
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(farAhead), knowing(recorded)); removed != 2 || err != nil {
		t.Errorf("Sweep = %d, %v; want 2", removed, err)
	}
	wantGone(t, store, orphan)
	wantGone(t, store, big)
	if got, err := io.ReadAll(open(t, store, recorded)); !bytes.Equal(got, content(100)) {
		t.Errorf("read %d bytes, %v; want the 100 recorded", len(got), err)
	}
}

func testSweepBatches(t *testing.T, store storage.Store) {
	const count = storage.SweepBatch + 20
	keys := make(chan models.BlobKey)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for key := range keys {
				if _, err := store.Put(t.Context(), key, bytes.NewReader([]byte("x"))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	recorded := map[models.BlobKey]bool{}
	for i := range count {
		key := models.NewBlobKey()
		keys <- key
		if i%2 == 0 {
			recorded[key] = true
		}
	}
	close(keys)
	workers.Wait()

	batches, seen := 0, map[models.BlobKey]bool{}
	known := func(_ context.Context, keys []models.BlobKey) (map[models.BlobKey]bool, error) {
		batches++
		if len(keys) > storage.SweepBatch {
			t.Errorf("a batch of %d keys, want at most %d", len(keys), storage.SweepBatch)
		}
		for _, key := range keys {
			if seen[key] {
				t.Errorf("known was asked twice about %s", key)
			}
			seen[key] = true
		}
		return recorded, nil
	}
	removed, err := store.Sweep(t.Context(), time.Now().Add(time.Hour), known)
	if removed != count/2 || err != nil || batches != 2 || len(seen) != count {
		t.Errorf("Sweep = %d, %v after %d batches of %d keys; want %d, 2 of %d", removed, err, batches, len(seen), count/2, count)
	}
	for key := range recorded {
		open(t, store, key)
	}
}

func testSweepUnfinished(t *testing.T, store storage.Store) {
	for _, tt := range []struct {
		name   string
		before time.Duration
		swept  int
	}{
		{"young", -time.Hour, 0},
		{"old", farAhead, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key := models.NewBlobKey()
			src, body := io.Pipe()
			done := make(chan error)
			go func() {
				_, err := store.Put(t.Context(), key, src)
				done <- errors.Join(err, src.Close())
			}()
			// A write to the pipe returns after it has been read, so by then most of
			// it has reached the store.
			want := content(large)
			if _, err := body.Write(want[:large/2]); err != nil {
				t.Fatal(err)
			}
			wantGone(t, store, key)
			removed, err := store.Sweep(t.Context(), time.Now().Add(tt.before), knowing())
			if removed != tt.swept || err != nil {
				t.Errorf("Sweep = %d, %v; want %d", removed, err, tt.swept)
			}
			_, _ = body.Write(want[large/2:]) // the swept Put may have stopped reading
			_ = body.Close()                  // never fails
			err = <-done
			if tt.swept > 0 {
				if err == nil {
					t.Error("Put succeeded although its upload was swept")
				}
				wantGone(t, store, key)
			} else {
				if err != nil {
					t.Error(err)
				}
				if got, err := io.ReadAll(open(t, store, key)); !bytes.Equal(got, want) {
					t.Errorf("read %d bytes, %v; want the %d put", len(got), err, large)
				}
				if err := store.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
			wantEmpty(t, store)
		})
	}
}

func testSweepEnds(t *testing.T, store storage.Store) {
	key := models.NewBlobKey()
	put(t, store, key, content(100))
	down := errors.New("the database is down")
	unknown := func(context.Context, []models.BlobKey) (map[models.BlobKey]bool, error) { return nil, down }
	if removed, err := store.Sweep(t.Context(), time.Now().Add(time.Hour), unknown); removed != 0 || !errors.Is(err, down) {
		t.Errorf("Sweep without records = %d, %v; want 0, %v", removed, err, down)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if removed, err := store.Sweep(ctx, time.Now().Add(time.Hour), knowing()); removed != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Sweep cancelled = %d, %v; want 0, canceled", removed, err)
	}
	open(t, store, key)
}
